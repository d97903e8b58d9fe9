"""Shared code of the course, along the data flow.

datasets -> models -> training / replicates -> experiments -> statistics -> plots.

A module imports only from its left; `widgets` sits on top. Importing `lib` does not import
TensorFlow: that happens when a model is first built, through `lib.backend`.
"""
