"""Fetch one file over HTTP, with a bar; it ends in any case, however slow or endless the server."""

import time

TIMEOUT = 10, 60  # seconds to connect, seconds without a byte
PACE = 60, 600_000  # in so many seconds, at least so many bytes: 170 MB take five hours at most
MOST = 300_000_000  # bytes; the published archive of CIFAR-10 has 170 million
PIECE = 2**16


def fetch(url: str, output_file, pooch=None) -> None:
    """Write what a server sends to a file; this is a downloader for `pooch`.

    Args:
        url: of the file.
        output_file: path, or a file that is open for writing.
        pooch: as pooch calls a downloader; not used.

    Raises:
        requests.exceptions.RequestException: if the server cannot be reached, answers with an
            error, stops half way, is slower than `PACE` or sends more than `MOST`.
    """
    import requests
    from tqdm import tqdm
    from urllib3.exceptions import HTTPError

    if not hasattr(output_file, "write"):
        with open(output_file, "wb") as file:
            return fetch(url, file)
    with requests.get(url, timeout=TIMEOUT, stream=True) as response:
        response.raise_for_status()
        total = int(response.headers.get("content-length", 0)) or None
        with tqdm(total=total, ncols=79, ascii=True, unit="B", unit_scale=True) as bar:
            try:
                for piece in _pieces(response.raw):
                    output_file.write(piece)
                    bar.update(len(piece))
            except HTTPError as error:
                raise requests.exceptions.ChunkedEncodingError(error) from error


def _pieces(raw):
    """What comes, as it comes, until the end, or until it is too slow or too much."""
    from requests.exceptions import RequestException, Timeout

    n_bytes, (seconds, fewest) = 0, PACE
    begun, n_then = time.monotonic(), 0
    while piece := raw.read1(PIECE):  # what is there; `read` would wait for all of it
        yield piece
        n_bytes += len(piece)
        if n_bytes > MOST:
            raise RequestException(f"more than {MOST:,} bytes came, which is another file")
        if time.monotonic() - begun > seconds:
            if n_bytes - n_then < fewest:
                raise Timeout(f"{n_bytes - n_then:,} bytes in {seconds} seconds are too slow")
            begun, n_then = time.monotonic(), n_bytes
