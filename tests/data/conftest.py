"""A small world for CIFAR-10: folders, a server on this machine, and no way to any other."""

import hashlib
import http.server
import socket
import threading

import numpy as np
import pytest
from small_cifar10 import SMALL

from lib.data import archive, cifar10


@pytest.fixture
def world(tmp_path, monkeypatch):
    """Settings, counters and addresses of a small CIFAR-10, instead of the real ones."""
    monkeypatch.delenv("CIFAR10_PATH", raising=False)
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for module in (archive, cifar10):
        monkeypatch.setattr(module, "N_ROWS", SMALL)
    monkeypatch.setattr(cifar10, "CHUNK", 7)
    monkeypatch.setattr(cifar10, "_announced", set())
    monkeypatch.setattr(cifar10, "_no_network", None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = free.getsockname()[1]
    monkeypatch.setattr(archive, "URL", f"http://127.0.0.1:{nobody}/cifar.tar.gz")


@pytest.fixture
def serve(world, monkeypatch):
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
        monkeypatch.setattr(archive, "URL", f"http://127.0.0.1:{server.server_port}/cifar.tar.gz")
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def publish(world, monkeypatch):
    """Make an archive the published one, as far as its checksum goes."""

    def pin(content):
        monkeypatch.setattr(archive, "SHA256", hashlib.sha256(content).hexdigest())
        return content

    return pin


@pytest.fixture
def own(world, tmp_path, monkeypatch):
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
