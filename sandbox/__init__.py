"""Run code that nobody vouches for. Standard library only: this folder is a Lambda function of its own.

Four kinds of process, so that what must stay secret is never in the ancestry of what must not see it:
P, the caller, which alone knows the expected values; Z, the zygote, exec'ed with an empty environment before any test
exists (`zygote`); S, forked from Z for each submission, which compiles it and runs none of it (`submission`); T, forked
from S for each test, which runs the submission (`execution`). `local.Connection` reaches S from P, `app` from Lambda.
"""
