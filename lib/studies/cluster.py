"""Where the runs of a study are trained: processes of this machine, or a Dask cluster."""

import contextlib


@contextlib.contextmanager
def workers(scheduler: str | None = None, n_jobs: int = 1):
    """Let joblib use processes of this machine, or a Dask cluster.

    Args:
        scheduler: address of a Dask scheduler; None stays on this machine.
        n_jobs: processes here; 1 is this process itself.

    Raises:
        OSError: if the cluster cannot be reached, or is lost on the way.
    """
    from joblib import parallel_config

    if scheduler is None:
        with parallel_config(backend="loky" if n_jobs > 1 else "sequential", n_jobs=n_jobs):
            yield
        return
    from dask.distributed import Client

    try:
        with Client(scheduler, timeout=10), parallel_config(backend="dask", n_jobs=-1):
            yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] == "distributed":
            raise OSError(
                f"the cluster at {scheduler} was lost ({type(error).__name__}): finished runs are "
                "kept; start it again, then the same command goes on."
            ) from error
        raise
