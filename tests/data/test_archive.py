"""The archive of CIFAR-10: downloads that fail, no space, code in a pickle, two at once."""

import contextlib
import errno
import hashlib
import json
import pickle
import subprocess
import sys
import threading
import time

import pytest
from small_cifar10 import SMALL, Runs, batches, check, draw, left, pack, pickled, put, send

from lib.data import archive, cifar10, download

pytestmark = pytest.mark.usefixtures("world")


# Downloads that fail


def fails(message, tmp_path, capsys):
    """The download ends in one error that says what to do, without any trace on the disk."""
    earlier = put(tmp_path / "cache/earlier.npz", b"of another lesson")
    with pytest.raises(archive.DataError, match=message) as error:
        cifar10.load_photos([0])
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
    packed = bytearray(publish(pack(batches(draw()))))
    packed[len(packed) // 2] ^= 1
    serve(send(bytes(packed)))
    fails("wrong SHA-256", tmp_path, capsys)


def test_load_download_that_stops_half_way(serve, publish, tmp_path, capsys):
    packed = publish(pack(batches(draw())))
    serve(send(packed[: len(packed) // 2], length=len(packed)))
    fails("IncompleteRead", tmp_path, capsys)


def test_load_truncated_archive(serve, publish, tmp_path, capsys):
    packed = pack(batches(draw()))
    serve(send(publish(packed[: len(packed) // 2])))  # as if truncated where it was published
    fails("archive cannot be read", tmp_path, capsys)


def test_load_server_that_hangs_up_or_stays_silent_is_no_stand_in(
    serve, tmp_path, capsys, monkeypatch
):
    serve(lambda handler: handler.connection.close())
    fails("without response", tmp_path, capsys)
    monkeypatch.setattr(download, "TIMEOUT", (1, 0.2))
    serve(lambda handler: time.sleep(0.6))
    fails("timed out", tmp_path, capsys)


def drip(content, pause, header=True):
    """An answer that comes a byte at a time."""

    def answer(handler):
        handler.send_response(200)
        if header:
            handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        try:
            for byte in content:
                handler.wfile.write(bytes([byte]))
                time.sleep(pause)
        except OSError:  # the other side has had enough
            pass

    return answer


@pytest.mark.parametrize("header", [True, False])
def test_load_download_that_drips_has_an_end(serve, tmp_path, capsys, monkeypatch, header):
    monkeypatch.setattr(download, "PACE", (0.3, 1000))
    serve(drip(b"x" * 10_000, 0.01, header))
    begin = time.monotonic()
    fails("No download .* bytes in 0.3 seconds are too slow", tmp_path, capsys)
    assert time.monotonic() - begin < 5


def test_load_download_without_end_has_an_end(serve, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(download, "MOST", 10**6)

    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(OSError):
            while True:
                handler.wfile.write(b"x" * 10**5)

    serve(endless)
    fails("more than 1,000,000 bytes came, which is another file", tmp_path, capsys)


def test_load_download_that_is_slow_but_not_too_slow(serve, publish, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "PACE", (0.1, 1000))
    packed = publish(pack(batches(draw())))

    def in_parts(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(packed)))
        handler.end_headers()
        for begin in range(0, len(packed), 20_000):
            handler.wfile.write(packed[begin : begin + 20_000])
            time.sleep(0.03)

    serve(in_parts)
    check(cifar10.load_photos([0]), draw(), "CIFAR-10", [0])


def test_load_archive_with_too_much_in_it(serve, publish, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(archive, "MOST_BYTES", 10**5)
    serve(send(publish(pack({"more": b"0" * 10**6, **batches(draw())}))))
    fails("its files have more than 100,000 bytes", tmp_path, capsys)


def test_load_archive_of_another_version(serve, publish, tmp_path, capsys):
    serve(send(publish(pack({"data_batch_1.bin": b"", "test_batch.bin": b""}))))
    fails("no data_batch_1.*the binary or the Matlab version", tmp_path, capsys)


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ({"data": draw()["x_test"].reshape(20, -1) / 255, "labels": [0] * 20}, "holds float64"),
        ({"data": draw()["x_test"].reshape(20, -1)[:, :9], "labels": [0] * 20}, r"\(20, 9\)"),
        ({"data": draw()["x_test"].reshape(20, -1), "labels": [10] * 20}, "other labels"),
        ({"data": draw()["x_test"].reshape(20, -1), "labels": [0.5] * 20}, "other labels"),
    ],
)
def test_load_archive_of_other_numbers(serve, publish, tmp_path, capsys, batch, message):
    serve(send(publish(pack({**batches(draw()), "test_batch": pickled(batch)}))))
    fails(message, tmp_path, capsys)


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
    check(cifar10.load_photos([0]), draw(), "CIFAR-10", [0])  # once there is space again


def test_load_goes_on_after_a_process_that_was_killed(serve, publish, tmp_path):
    for name in ("tar", "cifar10.npz", "tmp1234"):
        put(tmp_path / "cache/cifar10.unfinished" / name, b"partial")
    serve(send(publish(pack(batches(draw())))))
    check(cifar10.load_photos([0]), draw(), "CIFAR-10", [0])
    assert left(tmp_path) == {"cifar10.npz"}


# Files that would run code


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


# Two at once

PROCESS = """
import hashlib, json, sys
from lib.data import archive, cifar10, download
archive.URL, archive.SHA256, archive.N_ROWS = json.loads(sys.argv[1])
cifar10.N_ROWS = archive.N_ROWS
print("ready", flush=True)
photos = cifar10.load_photos(range(10))
print(photos.data, hashlib.sha256(photos.x_train).hexdigest())
"""


def test_load_two_processes_download_once(serve, publish, tmp_path):
    ready = threading.Event()
    packed = publish(pack(batches(draw())))

    def slowly(handler):
        ready.wait(10)
        time.sleep(1)  # enough for the other process to ask as well, were it not kept waiting
        send(packed)(handler)

    server = serve(slowly)
    told = json.dumps([archive.URL, archive.SHA256, SMALL])
    command = [sys.executable, "-c", PROCESS, told]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(2)]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
    ready.set()
    found = [process.communicate(timeout=15) for process in processes]
    digest = hashlib.sha256(draw()["x_train"]).hexdigest()
    assert [out for out, _ in found] == [f"CIFAR-10 {digest}\n"] * 2, found
    assert server.n_asked == 1 and left(tmp_path) == {"cifar10.npz"}
