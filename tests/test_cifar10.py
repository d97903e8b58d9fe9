"""CIFAR-10: the order of look-up, damaged and hostile files, downloads that fail, the stand-in."""

import errno
import hashlib
import http.server
import io
import json
import os
import pickle
import re
import socket
import struct
import subprocess
import sys
import tarfile
import threading
import time
import tracemalloc

import numpy as np
import pytest

from lib import cifar10

REAL, PUBLISHED = os.environ.get("CIFAR10_PATH"), cifar10.URL
FULL, SMALL = dict(cifar10.N_ROWS), {"train": 50, "test": 20}


# A small world of its own: folders, a server on this machine, and no way to any other


@pytest.fixture(autouse=True)
def world(tmp_path, monkeypatch):
    monkeypatch.delenv("CIFAR10_PATH", raising=False)
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(cifar10, "N_ROWS", SMALL)
    monkeypatch.setattr(cifar10, "CHUNK", 7)
    monkeypatch.setattr(cifar10, "_announced", set())
    monkeypatch.setattr(cifar10, "_no_network", None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = free.getsockname()[1]
    monkeypatch.setattr(cifar10, "URL", f"http://127.0.0.1:{nobody}/cifar.tar.gz")


@pytest.fixture
def serve(monkeypatch):
    """Start a server that answers as told, and let the module download from it."""
    servers = []

    def start(answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server.n_asked += 1
                answer(self)

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.n_asked = 0
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        monkeypatch.setattr(cifar10, "URL", f"http://127.0.0.1:{server.server_port}/cifar.tar.gz")
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def send(content, status=200, length=None):
    """An answer: these bytes, announced as so many."""

    def answer(handler):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content) if length is None else length))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def draw(seed=0, rows=SMALL):
    """Random photographs, as many of each class as of any other."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for part, n in rows.items():
        arrays[f"x_{part}"] = rng.integers(0, 256, (n, 32, 32, 3), "uint8")
        arrays[f"y_{part}"] = rng.permutation(np.arange(n) % 10).astype("uint8")
    return arrays


class Python2Pickler(pickle._Pickler):
    """Writes texts as Python 2 did, in which the published batches were written."""

    dispatch = pickle._Pickler.dispatch.copy()

    def save_text(self, text):
        data = text if isinstance(text, bytes) else text.encode("latin-1")
        self.write(pickle.BINSTRING + struct.pack("<i", len(data)) + data)
        self.memoize(text)

    dispatch[str] = dispatch[bytes] = save_text


def pickled(content):
    file = io.BytesIO()
    Python2Pickler(file, protocol=2).dump(content)
    return file.getvalue().replace(b"numpy._core", b"numpy.core")  # as NumPy 1 named it


def pack(members):
    """A .tar.gz of these files, in the published folder."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def batches(arrays):
    """The files of the published archive, in an order as mixed as there."""
    n = len(arrays["y_train"]) // 5
    parts = {f"data_batch_{i + 1}": ("train", slice(i * n, i * n + n)) for i in (3, 0, 4, 1, 2)}
    parts["test_batch"] = ("test", slice(None))
    files = {"readme.html": b"<html></html>"}
    for name, (part, rows) in parts.items():
        x, y = arrays[f"x_{part}"][rows], arrays[f"y_{part}"][rows]
        flat = np.ascontiguousarray(x.transpose(0, 3, 1, 2)).reshape(len(x), -1)
        files[name] = pickled({"batch_label": name, "data": flat, "labels": y.tolist()})
    return files


@pytest.fixture
def publish(monkeypatch):
    """Make an archive the published one, as far as its checksum goes."""

    def pin(archive):
        monkeypatch.setattr(cifar10, "SHA256", hashlib.sha256(archive).hexdigest())
        return archive

    return pin


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Write an .npz file, or any bytes, and let CIFAR10_PATH name it."""

    def write(arrays, save=np.savez):
        path = tmp_path / "own.npz"
        if isinstance(arrays, bytes):
            path.write_bytes(arrays)
        else:
            save(path, **arrays)
        monkeypatch.setenv("CIFAR10_PATH", str(path))
        return path

    return write


def check(photos, arrays, data, classes=range(10)):
    for part in ("train", "test"):
        keep = np.isin(arrays[f"y_{part}"].reshape(-1), classes)
        x, y = getattr(photos, f"x_{part}"), getattr(photos, f"y_{part}")
        np.testing.assert_array_equal(x, arrays[f"x_{part}"][keep])
        np.testing.assert_array_equal(y, arrays[f"y_{part}"].reshape(-1)[keep])
        assert x.dtype == y.dtype == np.uint8
    assert photos.data == data


def left(tmp_path):
    """What lies in the cache's folder, but for the lock, which is empty and stays."""
    return {path.name for path in (tmp_path / "cache").iterdir()} - {"cifar10.lock"}


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


# Where it is looked for


def test_load_looks_in_the_stated_order(own, serve, publish, tmp_path, monkeypatch):
    published, mine = draw(0), draw(1)
    archive = publish(pack(batches(published)))
    server = serve(send(archive))
    cache = tmp_path / "cache/cifar10.npz"
    keras = put(tmp_path / "keras/datasets/cifar-10-batches-py-target_archive", archive)
    cifar10.load([0])  # the cache, made from Keras' archive
    own(mine)
    check(cifar10.load(range(10)), mine, "CIFAR-10 (local copy)")
    monkeypatch.delenv("CIFAR10_PATH")
    keras.unlink()
    check(cifar10.load(range(10)), published, "CIFAR-10")  # only the cache has it
    assert server.n_asked == 0
    cache.unlink()
    check(cifar10.load(range(10)), published, "CIFAR-10")
    assert server.n_asked == 1 and left(tmp_path) == {"cifar10.npz"}
    server.shutdown()
    check(cifar10.load(range(10)), published, "CIFAR-10")
    assert server.n_asked == 1


def test_load_without_settings_uses_the_courses_folder_and_keras_own(
    publish, tmp_path, monkeypatch
):
    for name in ("COURSE_CACHE", "KERAS_HOME"):
        monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setattr(cifar10, "__file__", str(tmp_path / "course/lib/cifar10.py"))
    archive = publish(pack(batches(draw())))
    put(tmp_path / "home/.keras/datasets/cifar-10-batches-py-target_archive", archive)
    check(cifar10.load([0]), draw(), "CIFAR-10", [0])
    assert (tmp_path / "course/data/cache/cifar10.npz").is_file()


def test_load_empty_settings_are_none(serve, publish, tmp_path, monkeypatch):
    monkeypatch.setenv("CIFAR10_PATH", "")
    serve(send(publish(pack(batches(draw())))))
    check(cifar10.load([3]), draw(), "CIFAR-10", [3])


@pytest.mark.parametrize(
    "name", ["cifar-10-batches-py-target_archive", "cifar-10-batches-py.tar.gz"]
)
def test_load_takes_keras_archive(publish, tmp_path, name):
    archive = publish(pack(batches(draw())))
    path = put(tmp_path / "keras/datasets" / name, archive)
    check(cifar10.load(range(10)), draw(), "CIFAR-10")
    assert path.read_bytes() == archive and left(tmp_path) == {"cifar10.npz"}


def test_load_looks_where_keras_puts_its_download(serve, publish, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.delenv("KERAS_HOME")  # Keras notes it for good when it is imported
        from lib.backend import keras

    asked = {}

    def get_file(**options):
        asked.update(options)
        raise InterruptedError

    monkeypatch.setattr("keras.src.datasets.cifar10.get_file", get_file)
    with pytest.raises(InterruptedError):
        keras.datasets.cifar10.load_data()
    assert asked["file_hash"] == cifar10.SHA256
    assert asked["origin"] == PUBLISHED
    server = serve(send(publish(pack(batches(draw())))))
    (tmp_path / "keras").mkdir(exist_ok=True)
    local = {"origin": cifar10.URL, "file_hash": cifar10.SHA256, "cache_dir": tmp_path / "keras"}
    keras.utils.get_file(**{**asked, **local})
    check(cifar10.load(range(10)), draw(), "CIFAR-10")
    assert server.n_asked == 1  # by Keras


def test_load_passes_over_a_wrong_archive_of_keras(serve, publish, tmp_path):
    mark = tmp_path / "mark"
    path = tmp_path / "keras/datasets/cifar-10-batches-py-target_archive"
    put(path, pack({**batches(draw(1)), "test_batch": pickle.dumps(Runs(mark))}))
    server = serve(send(publish(pack(batches(draw())))))
    check(cifar10.load(range(10)), draw(), "CIFAR-10")
    assert server.n_asked == 1 and path.exists() and not mark.exists()


# A file of one's own


def test_load_only_the_rows_of_the_classes_in_their_order(own):
    arrays = draw()
    arrays["y_train"] = arrays["y_train"].astype("int64").reshape(-1, 1)
    own(arrays)
    photos = cifar10.load([7, 2])
    check(photos, arrays, "CIFAR-10 (local copy)", [2, 7])
    assert photos.x_train.shape == (10, 32, 32, 3) and photos.y_train.shape == (10,)
    assert photos.class_names[7] == "horse" and len(photos.class_names) == 10


def test_load_reads_a_compressed_copy(own):
    own(draw(), save=np.savez_compressed)
    check(cifar10.load([1]), draw(), "CIFAR-10 (local copy)", [1])


def test_load_says_jpeg_copy_of_its_test_photographs_only(own, monkeypatch):
    arrays = draw()
    digest = hashlib.sha256(arrays["x_test"].tobytes()).hexdigest()
    monkeypatch.setattr(cifar10, "WORDS", {digest: "CIFAR-10 (JPEG copy)"})
    own(arrays)
    assert cifar10.load([1]).data == "CIFAR-10 (JPEG copy)"
    arrays["x_test"][-1, -1, -1, -1] ^= 1
    own(arrays)
    assert cifar10.load([1]).data == "CIFAR-10 (local copy)"


def changed(**changes):
    return {key: value for key, value in {**draw(), **changes}.items() if value is not None}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (changed(x_test=None), "x_test.npy"),
        (changed(y_train=None), "y_train.npy"),
        (changed(x_train=draw()["x_train"][:40]), r"uint8 \(40, 32, 32, 3\), not uint8 \(50, 32"),
        (changed(x_test=draw()["x_test"].transpose(0, 3, 1, 2)), r"\(20, 3, 32, 32\), not uint8"),
        (changed(x_test=np.asfortranarray(draw()["x_test"])), "stored by columns"),
        (changed(x_train=draw()["x_train"] / 255), r"x_train is float64 \(50, 32, 32, 3\)"),
        (changed(x_train=draw()["x_train"].astype("int8")), "x_train is int8"),
        (changed(y_test=np.full(20, 10)), "y_test holds labels 10 to 10, not 0 to 9"),
        (changed(y_train=np.full(50, -1)), "y_train holds labels -1 to -1"),
        (
            changed(y_train=np.zeros(50)),
            r"y_train is float64 \(50,\), not whole numbers \(50,\) or",
        ),
        (changed(y_train=np.zeros(50, bool)), "y_train is bool"),
        (changed(y_train=np.zeros(40, int)), r"y_train is int64 \(40,\)"),
        (changed(y_train=np.zeros((50, 10), int)), r"y_train is int64 \(50, 10\)"),
        (b"", "not a zip file"),
        (b"photographs", "not a zip file"),
        (b"\x93NUMPY\x01\x00", "not a zip file"),
    ],
)
def test_load_refuses_a_file_that_does_not_fit(own, arrays, message, capsys):
    path = own(arrays)
    with pytest.raises(cifar10.DataError, match=message) as error:
        cifar10.load([0])
    assert f"CIFAR10_PATH={path} cannot be used" in str(error.value)
    assert "CIFAR10_PATH=digits" in str(error.value)
    assert not capsys.readouterr().out  # no stand-in


def test_load_refuses_a_path_that_leads_nowhere(tmp_path, monkeypatch, capsys):
    for path in (tmp_path / "gone.npz", tmp_path):
        monkeypatch.setenv("CIFAR10_PATH", str(path))
        with pytest.raises(
            cifar10.DataError, match=re.escape(f"CIFAR10_PATH={path} cannot be used")
        ):
            cifar10.load([0])
    assert not capsys.readouterr().out


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_load_refuses_every_truncation_and_survives_every_flipped_byte(own, save):
    path = own(draw(), save=save)
    whole = path.read_bytes()
    for n in np.linspace(1, len(whole) - 1, 20, dtype=int):
        path.write_bytes(whole[:n])
        with pytest.raises(cifar10.DataError):
            cifar10.load([0])
    rng = np.random.default_rng(0)
    places = [*range(150), *range(len(whole) - 500, len(whole)), *rng.integers(len(whole), size=50)]
    n_refused = 0
    for place in places:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x21]) + whole[place + 1 :])
        try:
            check(cifar10.load([0]), draw(), "CIFAR-10 (local copy)", [0])  # of no consequence
        except cifar10.DataError:
            n_refused += 1
    assert n_refused > len(places) / 3


def test_load_reads_in_chunks(own, monkeypatch):
    rows = {"train": 5_000, "test": 1_000}  # 18 MB
    monkeypatch.setattr(cifar10, "N_ROWS", rows)
    monkeypatch.setattr(cifar10, "CHUNK", 100)
    own(draw(rows=rows))
    tracemalloc.start()
    try:
        cifar10.load([4])
        assert tracemalloc.get_traced_memory()[1] < 4e6  # one class is 1.8 MB
    finally:
        tracemalloc.stop()


# Downloads that fail


def fails(message, tmp_path, capsys):
    """The download ends in one error that says what to do, without any trace on the disk."""
    earlier = put(tmp_path / "cache/earlier.npz", b"of another lesson")
    with pytest.raises(cifar10.DataError, match=message) as error:
        cifar10.load([0])
    for way in ("CIFAR10_PATH to a copy", "CIFAR10_PATH=digits"):
        assert way in str(error.value)
    assert left(tmp_path) == {"earlier.npz"} and earlier.read_bytes() == b"of another lesson"
    assert "digits" not in capsys.readouterr().out


@pytest.mark.parametrize("status", [404, 500, 503])
def test_load_error_status_is_no_stand_in(serve, tmp_path, capsys, status):
    serve(send(b"sorry", status))
    fails(f"No download of http.*{status} .*Try again later", tmp_path, capsys)


@pytest.mark.parametrize("content", [b"<html>Log in</html>", b""])
def test_load_page_of_a_network_is_no_archive(serve, tmp_path, capsys, content):
    serve(send(content))
    fails("another file .*web page", tmp_path, capsys)


def test_load_altered_archive(serve, publish, tmp_path, capsys):
    archive = bytearray(publish(pack(batches(draw()))))
    archive[len(archive) // 2] ^= 1
    serve(send(bytes(archive)))
    fails("wrong SHA-256", tmp_path, capsys)


def test_load_download_that_stops_half_way(serve, publish, tmp_path, capsys):
    archive = publish(pack(batches(draw())))
    serve(send(archive[: len(archive) // 2], length=len(archive)))
    fails("IncompleteRead", tmp_path, capsys)


def test_load_truncated_archive(serve, publish, tmp_path, capsys):
    archive = pack(batches(draw()))
    serve(send(publish(archive[: len(archive) // 2])))  # as if truncated where it was published
    fails("archive cannot be read", tmp_path, capsys)


def test_load_server_that_hangs_up_or_stays_silent_is_no_stand_in(
    serve, tmp_path, capsys, monkeypatch
):
    serve(lambda handler: handler.connection.close())
    fails("without response", tmp_path, capsys)
    monkeypatch.setattr(cifar10, "TIMEOUT", (1, 0.2))
    serve(lambda handler: time.sleep(0.6))
    fails("timed out", tmp_path, capsys)


def test_load_archive_without_a_batch(serve, publish, tmp_path, capsys):
    files = batches(draw())
    del files["data_batch_3"]
    serve(send(publish(pack(files))))
    fails("it has no data_batch_3", tmp_path, capsys)


@pytest.mark.parametrize("place", ["numpy.savez", "os.replace", "shutil.move"])
def test_load_no_space_leaves_all_clean(serve, publish, tmp_path, capsys, monkeypatch, place):
    def full(file, *args, **kwargs):
        put(tmp_path / "cache/cifar10.unfinished/cifar10.npz", b"partial")
        raise OSError(errno.ENOSPC, "No space left on device")

    serve(send(publish(pack(batches(draw())))))
    with monkeypatch.context() as patch:
        patch.setattr(place, full)
        fails("No space left on device.*COURSE_CACHE", tmp_path, capsys)
    check(cifar10.load([0]), draw(), "CIFAR-10", [0])  # once there is space again


def test_load_goes_on_after_a_process_that_was_killed(serve, publish, tmp_path):
    for name in ("tar", "cifar10.npz", "tmp1234"):
        put(tmp_path / "cache/cifar10.unfinished" / name, b"partial")
    serve(send(publish(pack(batches(draw())))))
    check(cifar10.load([0]), draw(), "CIFAR-10", [0])
    assert left(tmp_path) == {"cifar10.npz"}


def test_load_damaged_cache_is_named_and_kept(tmp_path):
    for content in (b"", b"not a zip file"):
        cache = put(tmp_path / "cache/cifar10.npz", content)
        with pytest.raises(
            cifar10.DataError, match=rf"{re.escape(str(cache))} is damaged.*: delete it"
        ):
            cifar10.load([0])
    np.savez(cache, **draw())  # without its words
    with pytest.raises(cifar10.DataError, match="is damaged .*data.npy"):
        cifar10.load([0])
    assert cache.exists()


def test_load_cache_remembers_its_words(tmp_path):
    (tmp_path / "cache").mkdir()
    np.savez(tmp_path / "cache/cifar10.npz", data="CIFAR-10 (of the cache)", **draw())
    assert cifar10.load([0]).data == "CIFAR-10 (of the cache)"


# Files that would run code


class Runs:
    """Unpickled freely, it makes a folder."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize("place", ["whole", "labels", "data"])
def test_load_runs_no_code_from_an_archive(serve, publish, tmp_path, capsys, place):
    mark, control = tmp_path / "mark", tmp_path / "control"
    pickle.loads(pickled(Runs(control)), encoding="bytes")
    assert control.exists()  # such a pickle does run
    batch = {"data": draw()["x_test"].reshape(20, -1), "labels": [0] * 20, place: Runs(mark)}
    hostile = pickled(Runs(mark) if place == "whole" else batch)
    serve(send(publish(pack({**batches(draw()), "test_batch": hostile}))))
    fails("mkdir is not part of an array", tmp_path, capsys)
    assert not mark.exists()


@pytest.mark.parametrize("key", ["x_train", "y_test", "data"])
def test_load_runs_no_code_from_an_npz(own, tmp_path, monkeypatch, key):
    mark = tmp_path / "mark"
    hostile = np.array([Runs(mark)] * SMALL["test"], dtype=object)
    path = own({**draw(), "data": "CIFAR-10", key: hostile})
    if key == "data":  # read from the cache only
        monkeypatch.delenv("CIFAR10_PATH")
        put(tmp_path / "cache/cifar10.npz", path.read_bytes())
    with pytest.raises(cifar10.DataError):
        cifar10.load([0])
    assert not mark.exists()


# Two at once

PROCESS = """
import hashlib, json, sys
from lib import cifar10
cifar10.URL, cifar10.SHA256, cifar10.N_ROWS = json.loads(sys.argv[1])
print("ready", flush=True)
photos = cifar10.load(range(10))
print(photos.data, hashlib.sha256(photos.x_train).hexdigest())
"""


def test_load_two_processes_download_once(serve, publish, tmp_path):
    ready = threading.Event()
    archive = publish(pack(batches(draw())))

    def slowly(handler):
        ready.wait(10)
        time.sleep(1)  # enough for the other process to ask as well, were it not kept waiting
        send(archive)(handler)

    server = serve(slowly)
    told = json.dumps([cifar10.URL, cifar10.SHA256, SMALL])
    command = [sys.executable, "-c", PROCESS, told]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(2)]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
    ready.set()
    found = [process.communicate(timeout=15) for process in processes]
    digest = hashlib.sha256(draw()["x_train"]).hexdigest()
    assert [out for out, _ in found] == [f"CIFAR-10 {digest}\n"] * 2, found
    assert server.n_asked == 1 and left(tmp_path) == {"cifar10.npz"}


# The stand-in


def test_load_refused_connection_leads_to_the_stand_in_announced_once(tmp_path, capsys):
    photos = cifar10.load([0, 1])
    assert photos.data == "digits stand-in (8x8 handwriting, not CIFAR-10)"
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"DATA: {photos.data}"
    assert cifar10.URL in said[1] and "out of reach (NewConnectionError)" in said[1]
    assert "CIFAR10_PATH to a copy" in said[2] and len(said) == 3
    assert not left(tmp_path)
    assert cifar10.load([2]).data == photos.data
    assert not capsys.readouterr().out


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (socket.gaierror(-2, "Name or service not known"), "NameResolutionError"),
        (TimeoutError("timed out"), "ConnectTimeoutError"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "NewConnectionError"),
    ],
)
def test_load_every_kind_of_no_network_leads_to_the_stand_in(monkeypatch, capsys, fault, name):
    def connect(*args, **kwargs):
        raise fault

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    assert cifar10.load([0]).data == cifar10.DIGITS
    assert name in capsys.readouterr().out


def test_load_a_proxy_that_is_not_there_leads_to_the_stand_in(monkeypatch, capsys):
    port = cifar10.URL.split(":")[2].split("/")[0]
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
    monkeypatch.setattr(cifar10, "URL", "https://cifar.invalid/cifar.tar.gz")
    assert cifar10.load([0]).data == cifar10.DIGITS
    assert "ProxyError" in capsys.readouterr().out


def test_load_stays_with_the_stand_in(serve, publish, capsys):
    assert cifar10.load(range(5)).data == cifar10.DIGITS
    server = serve(send(publish(pack(batches(draw())))))  # the network is back
    assert cifar10.load(range(5, 10)).data == cifar10.DIGITS  # as the source task
    assert server.n_asked == 0


def test_load_digits_on_request_go_before_any_copy(tmp_path, monkeypatch, capsys):
    (tmp_path / "cache").mkdir()
    np.savez(tmp_path / "cache/cifar10.npz", data="CIFAR-10", **draw())
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    assert cifar10.load([0]).data == cifar10.DIGITS
    said = capsys.readouterr().out
    assert said.startswith(f"DATA: {cifar10.DIGITS}\nWhy: CIFAR10_PATH=digits")


def test_load_digits_are_scikit_learns_enlarged(monkeypatch):
    from sklearn.datasets import load_digits

    monkeypatch.setenv("CIFAR10_PATH", "digits")
    photos = cifar10.load(range(10))
    x, y = np.concatenate([photos.x_train, photos.x_test]), [*photos.y_train, *photos.y_test]
    assert x.shape == (1797, 32, 32, 3) and x.dtype == photos.y_train.dtype == np.uint8
    assert (x.min(), x.max()) == (0, 255)
    assert (x == x[:, :, :, :1]).all()  # three equal channels
    assert (x == x[:, ::4, ::4].repeat(4, axis=1).repeat(4, axis=2)).all()
    original, labels = load_digits(return_X_y=True)
    original = np.column_stack([labels, np.rint(original * 255 / 16)])
    small = np.column_stack([y, x[:, ::4, ::4, 0].reshape(-1, 64)])
    assert sorted(map(tuple, small)) == sorted(map(tuple, original))
    places = [np.flatnonzero((original == row).all(axis=1))[0] for row in small]
    assert sorted(places[:1198]) == places[:1198] and sorted(places[1198:]) == places[1198:]
    assert photos.class_names == tuple(f"digit {c}" for c in range(10))


def test_load_digits_are_split_two_to_one_in_each_class_and_always_alike(monkeypatch):
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    whole, part = cifar10.load(range(10)), cifar10.load([8, 3])
    counts = np.bincount(whole.y_train), np.bincount(whole.y_test)
    assert counts[0].sum() == 1198 and counts[1].sum() == 599
    np.testing.assert_allclose(counts[0] / counts[1], 2, atol=0.05)
    for name in ("train", "test"):
        x, y = getattr(whole, f"x_{name}"), getattr(whole, f"y_{name}")
        keep = np.isin(y, [3, 8])
        np.testing.assert_array_equal(getattr(part, f"x_{name}"), x[keep])
        np.testing.assert_array_equal(getattr(part, f"y_{name}"), y[keep])


# Classes


@pytest.mark.parametrize(
    "classes",
    [[], range(8, 11), [-1], [1, 1], [np.int64(1), 1], [1.0], [True], "12", 3, None, [[1]]],
)
def test_load_refuses_impossible_classes(classes):
    with pytest.raises(ValueError) as error:
        cifar10.load(classes)
    assert f"classes={classes!r}: choose one or more numbers 0 to 9, none twice." == str(
        error.value
    )


@pytest.mark.parametrize("classes", [(2, 7), {2, 7}, np.array([7, 2]), (c for c in (2, 7))])
def test_load_takes_any_iterable_of_classes(own, classes):
    own(draw())
    check(cifar10.load(classes), draw(), "CIFAR-10 (local copy)", [2, 7])


# The real one


@pytest.mark.skipif(not REAL or REAL == "digits", reason="CIFAR10_PATH names no copy")
def test_load_the_real_copy_in_little_memory(monkeypatch):
    monkeypatch.setenv("CIFAR10_PATH", REAL)
    monkeypatch.setattr(cifar10, "N_ROWS", FULL)
    monkeypatch.setattr(cifar10, "CHUNK", 1_000)
    tracemalloc.start()
    try:
        photos = cifar10.load(range(5))
        assert tracemalloc.get_traced_memory()[1] < 150e6  # the photographs are 92 MB
    finally:
        tracemalloc.stop()
    assert photos.x_train.shape == (25_000, 32, 32, 3) and photos.x_test.shape == (5_000, 32, 32, 3)
    assert np.bincount(photos.y_train).tolist() == [5_000] * 5
    assert np.bincount(photos.y_test).tolist() == [1_000] * 5
    with np.load(REAL) as file:
        digest = hashlib.sha256(file["x_test"].tobytes()).hexdigest()
    known = digest == "6b309d7b8f755aea6946a7402ab7b9188f88fa7e64c6f74d3e226ebca1d16add"
    assert photos.data == f"CIFAR-10 ({'JPEG' if known else 'local'} copy)"
