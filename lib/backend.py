"""TensorFlow and Keras, imported without their start-up messages.

    from lib.backend import keras, tf

TensorFlow writes a few lines about the processor straight to file descriptor 2 while it is
imported. They mean nothing to a learner, and would be stored in every notebook. They are held
back for the time of the import, and given out again if the import fails.

TensorFlow gets one thread for each operation, unless TF_NUM_INTRAOP_THREADS says otherwise. The
networks of the blobs lessons are so small that sharing one operation between threads costs more
than it gains. A program that trains large networks sets TF_NUM_INTRAOP_THREADS to 0, all cores,
before it imports this module. (`lib.networks.replicates` trains without TensorFlow.)
"""

import contextlib
import os
import sys
import tempfile


@contextlib.contextmanager
def _held_back_stderr():
    """Keep what is written to file descriptor 2, and repeat it only after an error."""
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(saved, held.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
with _held_back_stderr():
    import keras
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")  # else it warns of each new shape that is compiled
    tf.zeros(1)  # the first operation starts the runtime, which has lines of its own

__all__ = ["keras", "tf"]
