"""The grading engine: learners' notebooks run warm, jailed and apart from the tests that judge them.

`farm` keeps the warm processes, `session` runs one notebook in a jailed pair of them, `pool` runs many,
`sanitise` and `replay` are the two ends that meet nbgrader, `execute` is the step that plain
``nbgrader autograde`` uses. What runs inside the jail lies in `inside`.
"""
