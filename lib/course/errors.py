"""The one error that ends a command with a sentence."""


class CourseError(Exception):
    """The course cannot be run as asked; the message says what to do."""
