"""CIFAR-10: the order of look-up, damaged and hostile copies, the stand-in."""

import errno
import hashlib
import io
import os
import pickle
import re
import socket
import time
import tracemalloc
import zipfile

import numpy as np
import pytest
from small_cifar10 import FULL, PUBLISHED, SMALL, Runs, batches, check, draw, left, pack, put, send

from lib import files
from lib.data import archive, cifar10

REAL = os.environ.get("CIFAR10_PATH")
pytestmark = pytest.mark.usefixtures("world")


# Where it is looked for


def test_load_looks_in_the_stated_order(own, serve, publish, tmp_path, monkeypatch):
    published, mine = draw(0), draw(1)
    packed = publish(pack(batches(published)))
    server = serve(send(packed))
    cache = tmp_path / "cache/cifar10.npz"
    keras = put(tmp_path / "keras/datasets/cifar-10-batches-py-target_archive", packed)
    cifar10.load_photos([0])  # the cache, made from Keras' archive
    own(mine)
    check(cifar10.load_photos(range(10)), mine, "CIFAR-10 (local copy)")
    monkeypatch.delenv("CIFAR10_PATH")
    keras.unlink()
    check(cifar10.load_photos(range(10)), published, "CIFAR-10")  # only the cache has it
    assert server.n_asked == 0
    cache.unlink()
    check(cifar10.load_photos(range(10)), published, "CIFAR-10")
    assert server.n_asked == 1 and left(tmp_path) == {"cifar10.npz"}
    server.shutdown()
    check(cifar10.load_photos(range(10)), published, "CIFAR-10")
    assert server.n_asked == 1


def test_load_without_settings_uses_the_courses_folder_and_keras_own(
    publish, tmp_path, monkeypatch
):
    for name in ("COURSE_CACHE", "KERAS_HOME"):
        monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setattr(files, "ROOT", tmp_path / "course")
    packed = publish(pack(batches(draw())))
    put(tmp_path / "home/.keras/datasets/cifar-10-batches-py-target_archive", packed)
    check(cifar10.load_photos([0]), draw(), "CIFAR-10", [0])
    assert (tmp_path / "course/data/cache/cifar10.npz").is_file()


def test_load_empty_settings_are_none(serve, publish, tmp_path, monkeypatch):
    monkeypatch.setenv("CIFAR10_PATH", "")
    serve(send(publish(pack(batches(draw())))))
    check(cifar10.load_photos([3]), draw(), "CIFAR-10", [3])


@pytest.mark.parametrize(
    "name", ["cifar-10-batches-py-target_archive", "cifar-10-batches-py.tar.gz"]
)
def test_load_takes_keras_archive(publish, tmp_path, name):
    packed = publish(pack(batches(draw())))
    path = put(tmp_path / "keras/datasets" / name, packed)
    check(cifar10.load_photos(range(10)), draw(), "CIFAR-10")
    assert path.read_bytes() == packed and left(tmp_path) == {"cifar10.npz"}


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
    assert asked["file_hash"] == archive.SHA256
    assert asked["origin"] == PUBLISHED
    server = serve(send(publish(pack(batches(draw())))))
    (tmp_path / "keras").mkdir(exist_ok=True)
    local = {"origin": archive.URL, "file_hash": archive.SHA256, "cache_dir": tmp_path / "keras"}
    keras.utils.get_file(**{**asked, **local})
    check(cifar10.load_photos(range(10)), draw(), "CIFAR-10")
    assert server.n_asked == 1  # by Keras


def test_load_passes_over_a_wrong_archive_of_keras(serve, publish, tmp_path):
    mark = tmp_path / "mark"
    path = tmp_path / "keras/datasets/cifar-10-batches-py-target_archive"
    put(path, pack({**batches(draw(1)), "test_batch": pickle.dumps(Runs(mark))}))
    server = serve(send(publish(pack(batches(draw())))))
    check(cifar10.load_photos(range(10)), draw(), "CIFAR-10")
    assert server.n_asked == 1 and path.exists() and not mark.exists()


# A file of one's own


def test_load_only_the_rows_of_the_classes_in_their_order(own):
    arrays = draw()
    arrays["y_train"] = arrays["y_train"].astype("int64").reshape(-1, 1)
    own(arrays)
    photos = cifar10.load_photos([7, 2])
    check(photos, arrays, "CIFAR-10 (local copy)", [2, 7])
    assert photos.x_train.shape == (10, 32, 32, 3) and photos.y_train.shape == (10,)
    assert photos.class_names[7] == "horse" and len(photos.class_names) == 10


def test_load_reads_a_compressed_copy(own):
    own(draw(), save=np.savez_compressed)
    check(cifar10.load_photos([1]), draw(), "CIFAR-10 (local copy)", [1])


def test_load_says_jpeg_copy_of_its_test_photographs_only(own, monkeypatch):
    arrays = draw()
    digest = hashlib.sha256(arrays["x_test"].tobytes()).hexdigest()
    monkeypatch.setattr(cifar10, "WORDS", {digest: "CIFAR-10 (JPEG copy)"})
    own(arrays)
    assert cifar10.load_photos([1]).data == "CIFAR-10 (JPEG copy)"
    arrays["x_test"][-1, -1, -1, -1] ^= 1
    own(arrays)
    assert cifar10.load_photos([1]).data == "CIFAR-10 (local copy)"


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
        (changed(y_train=np.arange(50) % 9 + 1), "y_train has no photograph of class 0"),
        (pack(batches(changed(y_test=np.arange(20) % 9 + 1))), "y_test has no photograph of"),
        (changed(y_train=np.full(50, -1)), "y_train holds labels -1 to -1"),
        (
            changed(y_train=np.zeros(50)),
            r"y_train is float64 \(50,\), not whole numbers \(50,\) or",
        ),
        (changed(y_train=np.zeros(50, bool)), "y_train is bool"),
        (changed(y_train=np.zeros(40, int)), r"y_train is int64 \(40,\)"),
        (changed(y_train=np.zeros((50, 10), int)), r"y_train is int64 \(50, 10\)"),
        (b"", "begins with b'': it is neither an .npz nor the official cifar-10-python.tar.gz"),
        (b"photographs", "begins with b'photographs'"),
        (b"\x93NUMPY\x01\x00", "begins with"),
        (b"PK\x03\x04", "not a zip file"),
        (b"\x1f\x8b\x08", "archive cannot be read"),
    ],
)
def test_load_refuses_a_file_that_does_not_fit(own, arrays, message, capsys):
    path = own(arrays)
    with pytest.raises(archive.DataError, match=message) as error:
        cifar10.load_photos([0])
    assert f"CIFAR10_PATH={path} cannot be used" in str(error.value)
    assert "CIFAR10_PATH=digits" in str(error.value)
    assert not capsys.readouterr().out  # no stand-in


def test_load_refuses_a_path_that_leads_nowhere(tmp_path, monkeypatch, capsys):
    for path in (tmp_path / "gone.npz", tmp_path):
        monkeypatch.setenv("CIFAR10_PATH", str(path))
        with pytest.raises(
            archive.DataError, match=re.escape(f"CIFAR10_PATH={path} cannot be used")
        ):
            cifar10.load_photos([0])
    assert not capsys.readouterr().out


def refuses(monkeypatch, own, message):
    """One error that names the setting and says what to do; `where` gives it, too, at once."""
    monkeypatch.setenv("CIFAR10_PATH", str(own))
    for function in (lambda: cifar10.load_photos([0]), cifar10.where):
        begin = time.monotonic()
        with pytest.raises(archive.DataError, match=message) as error:
            function()
        assert f"CIFAR10_PATH={own} " in str(error.value) and time.monotonic() - begin < 2


@pytest.mark.parametrize("scheme", ["https", "http", "s3", "file"])
def test_load_says_that_a_web_address_is_no_file(monkeypatch, scheme):
    refuses(monkeypatch, f"{scheme}://example.com/cifar.npz", "is a web address: download that")


def test_load_says_what_a_path_leads_to_that_is_no_file(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    refuses(monkeypatch, tmp_path, "is a folder: name the file in it")
    refuses(monkeypatch, "gone.npz", f"there is no file {re.escape(os.getcwd())}.gone.npz")
    refuses(monkeypatch, "~/gone.npz", f"there is no file {re.escape(str(tmp_path))}.home.gone")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in this system's folders")
def test_load_waits_for_no_pipe_and_no_endless_device(monkeypatch, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link.npz").symlink_to("/dev/zero")
    for path in (tmp_path / "pipe", tmp_path / "link.npz", "/dev/zero"):
        refuses(monkeypatch, path, "is a pipe or a device, no file")


def test_load_refuses_an_archive_that_is_far_too_large(monkeypatch, tmp_path):
    with open(tmp_path / "huge.tar.gz", "wb") as file:
        file.write(b"\x1f\x8b")
        file.truncate(2**31)  # of holes, which take no space
    refuses(monkeypatch, tmp_path / "huge.tar.gz", "has 2,147,483,648 bytes")


def test_load_expands_the_home_folder(own, monkeypatch, tmp_path):
    own(draw())
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("CIFAR10_PATH", "~/own.npz")
    assert cifar10.where() == "own"
    check(cifar10.load_photos([1]), draw(), "CIFAR-10 (local copy)", [1])


def test_load_takes_the_official_archive_and_keeps_it_unpacked(own, publish, tmp_path, monkeypatch):
    path = own(publish(pack(batches(draw()))))
    assert cifar10.where() == "own"
    check(cifar10.load_photos(range(10)), draw(), "CIFAR-10")
    assert left(tmp_path) == {"cifar10.npz"} and path.exists()
    monkeypatch.setattr(cifar10, "unpack", None)  # the cache is read from now on
    monkeypatch.setattr(archive, "unpack", None)
    check(cifar10.load_photos([3]), draw(), "CIFAR-10", [3])


def test_load_takes_the_official_archive_where_nothing_can_be_kept(own, publish, tmp_path):
    own(publish(pack(batches(draw()))))
    (tmp_path / "cache").write_text("no folder")
    check(cifar10.load_photos([2, 5]), draw(), "CIFAR-10", [2, 5])


def test_load_takes_an_archive_that_was_packed_anew(own, tmp_path, monkeypatch):
    own(pack(batches(draw())))
    check(cifar10.load_photos(range(10)), draw(), "CIFAR-10 (local copy)")
    digest = hashlib.sha256(draw()["x_test"].tobytes()).hexdigest()
    monkeypatch.setattr(cifar10, "WORDS", {digest: "CIFAR-10 (JPEG copy)"})
    assert cifar10.load_photos([1]).data == "CIFAR-10 (JPEG copy)"
    assert not (tmp_path / "cache").exists()


def test_load_runs_no_code_from_an_archive_of_ones_own(own, tmp_path):
    own(pack({**batches(draw()), "test_batch": pickle.dumps(Runs(tmp_path / "mark"))}))
    with pytest.raises(archive.DataError, match="CIFAR10_PATH=.*mkdir is not part of an array"):
        cifar10.load_photos([0])
    assert not (tmp_path / "mark").exists()


def test_load_reads_the_second_version_of_numpys_format(own, tmp_path):
    path = own(b"")
    with zipfile.ZipFile(path, "w") as file:
        for key, array in draw().items():
            with file.open(f"{key}.npy", "w") as stream:
                np.lib.format.write_array(stream, array, version=(2, 0))
    check(cifar10.load_photos([4]), draw(), "CIFAR-10 (local copy)", [4])


@pytest.mark.parametrize("key", ["x_train", "y_test"])
def test_load_says_that_an_array_is_cut_short(own, key):
    path = own(b"")
    with zipfile.ZipFile(path, "w") as file:
        for name, array in draw().items():
            content = io.BytesIO()
            np.save(content, array)
            file.writestr(f"{name}.npy", content.getvalue()[: -10 if name == key else None])
    with pytest.raises(archive.DataError, match=f"{key} is cut short"):
        cifar10.load_photos([0])


def test_where_names_the_place_without_reading(own, tmp_path, monkeypatch):
    assert cifar10.where() == "download"
    put(tmp_path / "keras/datasets/cifar-10-batches-py.tar.gz", b"")
    assert cifar10.where() == "keras"
    put(tmp_path / "cache/cifar10.npz", b"")
    assert cifar10.where() == "cache"
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    assert cifar10.where() == "digits"


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_load_refuses_every_truncation_and_survives_every_flipped_byte(own, save):
    path = own(draw(), save=save)
    whole = path.read_bytes()
    for n in np.linspace(1, len(whole) - 1, 20, dtype=int):
        path.write_bytes(whole[:n])
        with pytest.raises(archive.DataError):
            cifar10.load_photos([0])
    rng = np.random.default_rng(0)
    places = [*range(150), *range(len(whole) - 500, len(whole)), *rng.integers(len(whole), size=50)]
    n_refused = 0
    for place in places:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x21]) + whole[place + 1 :])
        try:
            check(
                cifar10.load_photos([0]), draw(), "CIFAR-10 (local copy)", [0]
            )  # of no consequence
        except archive.DataError:
            n_refused += 1
    assert n_refused > len(places) / 3


def test_load_reads_in_chunks(own, monkeypatch):
    rows = {"train": 5_000, "test": 1_000}  # 18 MB
    monkeypatch.setattr(cifar10, "N_ROWS", rows)
    monkeypatch.setattr(cifar10, "CHUNK", 100)
    own(draw(rows=rows))
    tracemalloc.start()
    try:
        cifar10.load_photos([4])
        assert tracemalloc.get_traced_memory()[1] < 4e6  # one class is 1.8 MB
    finally:
        tracemalloc.stop()


# A cache that is there


def test_load_damaged_cache_is_named_and_kept(tmp_path):
    for content in (b"", b"not a zip file"):
        cache = put(tmp_path / "cache/cifar10.npz", content)
        with pytest.raises(
            archive.DataError, match=rf"{re.escape(str(cache))} is damaged.*: delete it"
        ):
            cifar10.load_photos([0])
    np.savez(cache, **draw())  # without its words
    with pytest.raises(archive.DataError, match="is damaged .*data.npy"):
        cifar10.load_photos([0])
    assert cache.exists()


def test_load_cache_remembers_its_words(tmp_path):
    (tmp_path / "cache").mkdir()
    np.savez(tmp_path / "cache/cifar10.npz", data="CIFAR-10 (of the cache)", **draw())
    assert cifar10.load_photos([0]).data == "CIFAR-10 (of the cache)"


@pytest.mark.parametrize("key", ["x_train", "y_test", "data"])
def test_load_runs_no_code_from_an_npz(own, tmp_path, monkeypatch, key):
    mark = tmp_path / "mark"
    hostile = np.array([Runs(mark)] * SMALL["test"], dtype=object)
    path = own({**draw(), "data": "CIFAR-10", key: hostile})
    if key == "data":  # read from the cache only
        monkeypatch.delenv("CIFAR10_PATH")
        put(tmp_path / "cache/cifar10.npz", path.read_bytes())
    with pytest.raises(archive.DataError):
        cifar10.load_photos([0])
    assert not mark.exists()


# The stand-in


def test_load_refused_connection_leads_to_the_stand_in_announced_once(tmp_path, capsys):
    photos = cifar10.load_photos([0, 1])
    assert photos.data == "digits stand-in (8x8 handwriting, not CIFAR-10)"
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"DATA: {photos.data}"
    assert archive.URL in said[1] and "out of reach (NewConnectionError)" in said[1]
    assert "CIFAR10_PATH to a copy" in said[2] and len(said) == 3
    assert not left(tmp_path)
    assert cifar10.load_photos([2]).data == photos.data
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
    assert cifar10.load_photos([0]).data == cifar10.DIGITS
    assert name in capsys.readouterr().out


def test_load_a_proxy_that_is_not_there_leads_to_the_stand_in(monkeypatch, capsys):
    port = archive.URL.split(":")[2].split("/")[0]
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
    monkeypatch.setattr(archive, "URL", "https://cifar.invalid/cifar.tar.gz")
    assert cifar10.load_photos([0]).data == cifar10.DIGITS
    assert "ProxyError" in capsys.readouterr().out


def test_load_stays_with_the_stand_in(serve, publish, capsys):
    assert cifar10.load_photos(range(5)).data == cifar10.DIGITS
    server = serve(send(publish(pack(batches(draw())))))  # the network is back
    assert cifar10.load_photos(range(5, 10)).data == cifar10.DIGITS  # as the source task
    assert server.n_asked == 0


def test_load_digits_on_request_go_before_any_copy(tmp_path, monkeypatch, capsys):
    (tmp_path / "cache").mkdir()
    np.savez(tmp_path / "cache/cifar10.npz", data="CIFAR-10", **draw())
    monkeypatch.setenv("CIFAR10_PATH", "digits")
    assert cifar10.load_photos([0]).data == cifar10.DIGITS
    said = capsys.readouterr().out
    assert said.startswith(f"DATA: {cifar10.DIGITS}\nWhy: CIFAR10_PATH=digits")


def test_load_digits_are_scikit_learns_enlarged(monkeypatch):
    from sklearn.datasets import load_digits

    monkeypatch.setenv("CIFAR10_PATH", "digits")
    photos = cifar10.load_photos(range(10))
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
    whole, part = cifar10.load_photos(range(10)), cifar10.load_photos([8, 3])
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
        cifar10.load_photos(classes)
    assert f"classes={classes!r}: choose one or more numbers 0 to 9, none twice." == str(
        error.value
    )


@pytest.mark.parametrize("classes", [(2, 7), {2, 7}, np.array([7, 2]), (c for c in (2, 7))])
def test_load_takes_any_iterable_of_classes(own, classes):
    own(draw())
    check(cifar10.load_photos(classes), draw(), "CIFAR-10 (local copy)", [2, 7])


# The real one


@pytest.mark.skipif(not REAL or REAL == "digits", reason="CIFAR10_PATH names no copy")
def test_load_the_real_copy_in_little_memory(monkeypatch):
    monkeypatch.setenv("CIFAR10_PATH", REAL)
    monkeypatch.setattr(cifar10, "N_ROWS", FULL)
    monkeypatch.setattr(cifar10, "CHUNK", 1_000)
    tracemalloc.start()
    try:
        photos = cifar10.load_photos(range(5))
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
