"""The course's own errors, one sentence each; the command line turns them into a message and exit code 2."""


class CourseError(Exception):
    """Something the person at the keyboard can mend; the message names argument, rule and value."""


class UnusableAnswer(CourseError):
    """An answer file cannot be checked at all: missing, not Python, crashes or hangs while it loads."""


class UnusableCourse(CourseError):
    """A course folder lacks a part that the command needs, or holds one that contradicts another."""


class ResultError(CourseError):
    """A measured result is missing, lacks the key asked for, or is older than the script that makes it."""


class DataError(CourseError):
    """A data set cannot be had: file absent or altered, or no network for the full-size one."""
