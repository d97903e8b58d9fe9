"""Shared code of the course, in rooms.  Data flow one way: a room imports only from those above it.

    files, backend  the door: folders, whole files, digests; one place that sets up Keras
    checks          of arguments: one clear error; open to all, imports nothing of `lib`
    data            tasks: blobs, related blobs, CIFAR-10 and its splits, the digits stand-in
    networks        the MLP and the convolutional network; freezing, saving, training; the engine
    statistics      intervals, nested designs, comparisons, times, advice; knows no training
    curves          reading and fitting training curves, the three benefits; knows no training
    experiments     arms, designs, sweeps, photographs: who is trained how, and how often
    figures         plot_*(data, *, ax=None) -> ax; each figure describes itself; computes nothing
    studies         recorded studies and simulations: jobs, store, record, provenance
    course          profiles, what a lesson shows, explorers, and the runner behind `make run`
    lazy            open to all: a room imports a module when one of its names is first used

Each room lists its public names in `__all__`.  Importing `lib` imports neither TensorFlow nor
matplotlib: a room imports what is heavy where it is used.
"""

from .files import refuse_another_course

refuse_another_course()
