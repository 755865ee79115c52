"""Ask AWS's own verifier about a function: run by the Python that has sagemaker-train."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sagemaker.train.common_utils.rlvr_reward_verifier import verify_reward_function

request = json.loads(sys.argv[1])
verified = verify_reward_function(
    f"arn:aws:lambda:us-east-1:111122223333:function:{request['function']}",
    json.loads(Path(request["event"]).read_text(encoding="utf-8")),
    is_nova=request["is_nova"],
)
sys.exit(not verified["success"])
