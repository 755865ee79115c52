"""What is deployed: names, limits, roles, and that local runs need no settings."""

from __future__ import annotations

import json
import re
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml

from rewards.app import reward_names
from rewards.codetests.runner import TENANTS

ROOT = Path(__file__).parent.parent
REWARDS = ("MathAnswer", "CodeTests", "Rubric")


class Loader(yaml.SafeLoader):
    """Read CloudFormation's short tags as {tag: value}."""


def tagged(loader, suffix, node):
    read = {
        "scalar": loader.construct_scalar,
        "sequence": loader.construct_sequence,
        "mapping": loader.construct_mapping,
    }
    return {suffix: read[node.id](node, **({} if node.id == "scalar" else {"deep": True}))}


Loader.add_multi_constructor("!", tagged)


@pytest.fixture(scope="module")
def template():
    """Read the template."""
    return yaml.load((ROOT / "template.yaml").read_text(), Loader)  # noqa: S506 - a SafeLoader


def functions(template):
    return {name: r for name, r in template["Resources"].items() if r["Type"] == "AWS::Serverless::Function"}


def rendered(template, **parameters):
    """Resolve what depends on parameters as CloudFormation does; gives the resources that there are."""
    known = {name: told.get("Default") for name, told in template["Parameters"].items()} | parameters
    conditions = {name: resolved(told, known, {}) for name, told in template["Conditions"].items()}
    found = {name: resolved(told, known, conditions) for name, told in template["Resources"].items()}
    return {name: told for name, told in found.items() if conditions.get(told.get("Condition"), True)}


def resolved(node, known, conditions):
    """Resolve one node; None stands for no value."""
    if isinstance(node, list):
        return [item for item in (resolved(item, known, conditions) for item in node) if item is not None]
    if not isinstance(node, dict):
        return node
    name = next(iter(node), "")
    if name == "Ref":
        return None if node[name] == "AWS::NoValue" else known.get(node[name], node)
    if name == "If":
        condition, *choices = node[name]
        return resolved(choices[not conditions[condition]], known, conditions)
    told = {key: resolved(value, known, conditions) for key, value in node.items()}
    meant = {"Not": lambda of: not of[0], "Equals": lambda of: of[0] == of[1], "Join": lambda of: of[0].join(of[1])}
    return meant[name](told[name]) if name in meant else {k: v for k, v in told.items() if v is not None}


def statements(template, role):
    policies = template["Resources"][role]["Properties"].get("Policies", [])
    policies = [policy["If"][1] if "If" in policy else policy for policy in policies]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def test_every_reward_has_a_function_and_every_function_its_build_rule(template):
    """A reward that is not deployed helps nobody, and `sam build` needs a rule for each function."""
    handled = {
        name: f["Properties"] for name, f in functions(template).items() if "rewards." in f["Properties"]["Handler"]
    }
    assert {p["Environment"]["Variables"]["REWARD"] for p in handled.values()} == set(reward_names())
    assert {p["Handler"] for p in handled.values()} == {"rewards.app.lambda_handler"}
    assert {*REWARDS, "Sandbox"} <= set(functions(template))
    rules = re.findall(r"^build-(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(rules) == set(functions(template))


def test_hyperpod_accepts_every_name(template):
    """It demands `SageMaker`, Lambda at most 64 characters: 42 remain for a stack's name."""
    for function in functions(template).values():
        told = function["Properties"]["FunctionName"]
        for choice in told["If"][1:] if "If" in told else [told]:
            name = choice["Sub"].replace("${AWS::StackName}", "s" * 42)
            assert name.startswith("SageMaker-")
            assert len(name) <= 64


def test_functions_run_on_what_makefile_packages(template):
    """The runtime's Python and the one that `sam build` takes wheels for are the same."""
    (version,) = set(re.findall(r"--python-version (3\.13)", (ROOT / "Makefile").read_text()))
    assert template["Globals"]["Function"]["Runtime"] == f"python{version}"
    assert 3 < template["Globals"]["Function"]["Timeout"] <= 900


def test_each_role_may_do_what_its_function_does_and_no_more(template):
    """Math calls nothing, code only the sandbox, the rubric only its judge, and the sandbox nothing at all."""
    own = {name: statements(template, f"{name}Role")[2:] for name in REWARDS}
    logging = [statements(template, f"{name}Role")[:2] for name in REWARDS]
    assert all({s["Action"][0].split(":")[0] for s in pair} == {"logs", "xray"} for pair in logging)
    assert own["MathAnswer"] == []
    assert [(s["Action"], s["Resource"]) for s in own["CodeTests"]] == [
        ("lambda:InvokeFunction", {"Sub": "${Sandbox.Arn}:*"})
    ]
    bucket = [{"Sub": f"arn:${{AWS::Partition}}:s3:::${{RubricBucket}}/*.{end}"} for end in ("yaml", "yml", "lock")]
    assert [(s["Action"], s["Resource"]) for s in own["Rubric"]] == [
        ("bedrock:InvokeModel", {"Ref": "JudgeModelArns"}),
        ("s3:GetObject", bucket),  # where rubrics lie in one
        (["dynamodb:GetItem", "dynamodb:PutItem"], {"GetAtt": "JudgeReplies.Arn"}),  # where a cache is asked for
    ]
    assert rendered(template)["SandboxRole"]["Properties"]["Policies"] == []
    assert "ManagedPolicyArns" not in template["Resources"]["SandboxRole"]["Properties"]


def test_no_job_trains_on_the_offline_judge_by_accident(template):
    """Whoever deploys must say what judges."""
    assert "Default" not in template["Parameters"]["JudgeModel"]


def test_sample_text_stays_out_of_the_logs_unless_asked_for(template):
    """The default is the private one, and logs do not stay for ever."""
    assert template["Parameters"]["LogSamples"]["Default"] == "0"
    for name in REWARDS:
        assert functions(template)[name]["Properties"]["LoggingConfig"]["LogGroup"] == {"Ref": f"{name}Logs"}
        assert template["Resources"][f"{name}Logs"]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("metric", ["Errors", "Throttles", "Duration"])
@pytest.mark.parametrize("name", [*REWARDS, "Sandbox"])
def test_every_function_has_its_alarms(template, name, metric):
    """Nobody watches while a job runs."""
    alarm = template["Resources"][f"{name}{metric}Alarm"]["Properties"]
    assert (alarm["MetricName"], alarm["Dimensions"]) == (metric, [{"Name": "FunctionName", "Value": {"Ref": name}}])


def test_the_duration_alarm_rings_before_the_time_out(template):
    """At four fifths of the time there is still time to act."""
    timeout = template["Globals"]["Function"]["Timeout"]
    assert template["Resources"]["RubricDurationAlarm"]["Properties"]["Threshold"] == 0.8 * timeout * 1000


def test_a_judge_model_needs_the_arns_it_is_invoked_by(template):
    """Otherwise the stack deploys, and the job's first batch fails for want of permission."""
    (assertion,) = template["Rules"]["AJudgeModelNeedsItsArns"]["Assertions"]
    assert assertion["Assert"] == {"Not": [{"Contains": [{"Ref": "JudgeModelArns"}, ""]}]}


@pytest.mark.parametrize(
    ("name", "metric"),
    [*((name, "Unscored") for name in REWARDS), ("CodeTests", "Imputed"), ("Rubric", "Imputed")],
)
def test_an_alarm_on_our_own_metrics_names_what_the_function_emits(template, name, metric):
    """Rows that nobody could read, and failures that were imputed, are no errors of Lambda's and would be silent."""
    alarm = template["Resources"][f"{name}{metric}Alarm"]["Properties"]
    reward = functions(template)[name]["Properties"]["Environment"]["Variables"]["REWARD"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("Touchstone", metric)
    assert alarm["Dimensions"] == [{"Name": "reward", "Value": reward}, {"Name": "service", "Value": {"Ref": name}}]


@pytest.mark.parametrize("name", REWARDS)
def test_outputs_hold_an_arn_to_pin_and_one_to_follow(template, name):
    """A Bedrock job takes a version's ARN; SageMaker's tools take none with a qualifier."""
    assert template["Outputs"][f"{name}Arn"]["Value"] == {"GetAtt": f"{name}.Arn"}
    assert template["Outputs"][f"{name}VersionArn"]["Value"] == {"Ref": f"{name}.Version"}


def test_the_job_role_may_invoke_rewards_with_and_without_a_version(template):
    """Bedrock checks the qualified ARN as it is written in the job."""
    invoked = statements(template, "JobRole")[2]["Resource"]
    for name in REWARDS:
        assert {"GetAtt": f"{name}.Arn"} in invoked
        assert {"Sub": f"${{{name}.Arn}}:*"} in invoked


def test_local_settings_name_real_variables(template):
    """A variable that no function has would be passed over in silence by `sam local`."""
    known = set(template["Globals"]["Function"]["Environment"]["Variables"])
    for function in functions(template).values():
        known |= set(function["Properties"].get("Environment", {}).get("Variables", {}))
    assert set(json.loads((ROOT / "env.json").read_text())["Parameters"]) <= known
    assert tomllib.loads((ROOT / "samconfig.toml").read_text())["default"]["local_invoke"]["parameters"]["env_vars"]


def test_rubrics_may_be_read_from_the_bucket_that_the_deployment_names_and_from_no_other(template):
    """A rubric by s3 URI needs its bucket's permission, which stands there only where the bucket was given."""
    name = template["Parameters"]["RubricName"]["AllowedPattern"]
    assert all(re.fullmatch(name, told) for told in ("support", "s3://my-rubrics/jobs/brief.yaml"))
    assert not any(re.fullmatch(name, told) for told in ("s3://my-rubrics", "../x", "https://x/y.yaml", "/etc/x.yaml"))
    (read,) = [s for s in statements(template, "RubricRole") if s["Action"] == "s3:GetObject"]
    assert all("${RubricBucket}/*." in str(resource) for resource in read["Resource"])
    guarded = [p["If"][0] for p in template["Resources"]["RubricRole"]["Properties"]["Policies"] if "If" in p]
    assert "RubricsInBucket" in guarded
    assert template["Parameters"]["RubricBucket"]["Default"] == "none"


def test_problems_share_the_sandboxs_environments_unless_asked_otherwise(template):
    """One parameter isolates them: in the function, in its name, and in what the grader names when it invokes it."""
    shared, apart = rendered(template), rendered(template, SandboxTenants="problem")
    assert "TenancyConfig" not in shared["Sandbox"]["Properties"]
    assert apart["Sandbox"]["Properties"]["TenancyConfig"] == {"TenantIsolationMode": "PER_TENANT"}
    names = {told["Sandbox"]["Properties"]["FunctionName"]["Sub"] for told in (shared, apart)}
    assert len(names) == 2, "it is decided when a function is made, and a function of that name is there already"
    variables = [told["CodeTests"]["Properties"]["Environment"]["Variables"] for told in (shared, apart)]
    assert [told["SANDBOX_TENANTS"] for told in variables] == ["shared", "problem"]
    assert set(template["Parameters"]["SandboxTenants"]["AllowedValues"]) == set(TENANTS)
    forbidden = ("ProvisionedConcurrencyConfig", "SnapStart", "FunctionUrlConfig", "Events")
    assert not set(forbidden) & (set(shared["Sandbox"]["Properties"]) | set(template["Globals"]["Function"]))


def test_the_sandbox_is_in_no_vpc_unless_one_is_named(template):
    """Without one its role has no policy at all."""
    found = rendered(template)
    assert "VpcConfig" not in found["Sandbox"]["Properties"]
    assert "SandboxWall" not in found


def test_in_a_vpc_nothing_leaves_the_sandbox_and_its_code_may_do_nothing(template):
    """Lambda needs the role's permission to attach the network; the function's own code is denied everything."""
    found = rendered(template, SandboxVpc="vpc-0a", SandboxSubnets=["subnet-1", "subnet-2"])
    network = found["Sandbox"]["Properties"]["VpcConfig"]
    assert network == {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": [{"Ref": "SandboxWall"}]}
    wall = found["SandboxWall"]["Properties"]
    assert wall["VpcId"] == "vpc-0a"
    assert [rule["CidrIp"] for rule in wall["SecurityGroupEgress"]] == ["127.0.0.1/32"]
    assert "SecurityGroupIngress" not in wall
    ((allowed, denied),) = [p["PolicyDocument"]["Statement"] for p in found["SandboxRole"]["Properties"]["Policies"]]
    assert (allowed["Effect"], denied["Effect"]) == ("Allow", "Deny")
    assert all(action.startswith("ec2:") for action in allowed["Action"])
    assert (denied["Action"], denied["Resource"]) == ("*", "*")
    (pattern,) = denied["Condition"]["ArnLike"].values()
    for choice in ("shared", "problem"):
        name = rendered(template, SandboxTenants=choice)["Sandbox"]["Properties"]["FunctionName"]["Sub"]
        prefix = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
        assert fnmatchcase(f"{prefix}{name}", pattern["Sub"])


def test_a_vpc_needs_its_subnets(template):
    """Otherwise the deployment fails late, at the function."""
    (assertion,) = template["Rules"]["AVpcNeedsItsSubnets"]["Assertions"]
    assert assertion["Assert"] == {"Not": [{"Contains": [{"Ref": "SandboxSubnets"}, "subnet-none"]}]}
    assert template["Parameters"]["SandboxSubnets"]["Default"] == "subnet-none"
