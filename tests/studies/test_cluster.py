"""Where the runs of a study are trained: this machine, or a cluster that may be lost."""

import pytest

from lib.studies.cluster import workers


def test_workers_on_this_machine_are_as_many_as_asked_for():
    from joblib import Parallel
    from joblib.parallel import get_active_backend

    with workers(n_jobs=1):
        assert type(get_active_backend()[0]).__name__ == "SequentialBackend"
    with workers(n_jobs=2):
        assert Parallel().n_jobs == 2


def test_workers_say_which_cluster_was_lost_and_what_to_do():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=0, processes=False, dashboard_address=":0", scheduler_port=0
    ) as cluster:
        address = cluster.scheduler_address
        with (
            pytest.raises(OSError, match=rf"{address} was lost .*the same command goes on"),
            workers(address),
        ):
            raise distributed.client.FutureCancelledError("a run", "scheduler-connection-lost")
        with pytest.raises(ValueError, match="of ours"), workers(address):
            raise ValueError("an error of ours")
