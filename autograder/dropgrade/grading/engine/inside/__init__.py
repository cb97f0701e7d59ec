"""What runs inside the sandbox, mounted there under the name ``inside``; the host imports it from here.

Nothing in this folder may import the rest of ``dropgrade``: in the learner's process that name belongs to
a stand-in. Only NumPy, IPython and the standard library are used, torch only where it is already loaded.
"""
