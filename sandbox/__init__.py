"""Run code that nobody vouches for. Standard library only: this folder is a Lambda function of its own.

Four kinds of process, so that what must stay secret is never in the ancestry of what must not see it:
P, the caller, which alone knows the expected values; Z, the zygote, exec'ed with an empty environment before any test
exists (`zygote`); S, forked from Z for each submission, which compiles it and runs none of it (`submission`); T, forked
from S for each test, which runs the submission (`execution`). `running` reaches S from P, `app` from Lambda.

An S waits before there is a submission, and a T with all its guards while another runs (`waiting`): each is as clean as
one forked on demand, since nothing untrusted ever ran in what it comes from.
"""
