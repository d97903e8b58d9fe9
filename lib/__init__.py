"""Shared code of the course, along the data flow.

cifar10 -> datasets -> models -> training / lanes -> replicates -> experiments -> live -> curves
-> forms -> least_squares -> fits -> statistics -> nested -> asymptotes -> benefits / sweeps
-> guide -> looks -> plots; for photographs, beside models convnet, beside experiments
photo_experiments -> finished -> study -> reference, beside plots photo_plots, curve_plots and
sweep_plots. `simulated` and `coverage` test what `benefits` promises; `provenance` says what made
a record.

A module imports only from its left; `widgets` and `course` sit on top. Importing `lib` does not
import TensorFlow: that happens when a model is first built, through `lib.backend`.
"""
