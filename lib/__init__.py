"""Shared code of the course, along the data flow.

datasets -> models -> training / lanes -> replicates -> experiments -> live -> curves -> statistics
-> looks -> plots.

A module imports only from its left; `widgets` and `course` sit on top. Importing `lib` does not
import TensorFlow: that happens when a model is first built, through `lib.backend`.
"""
