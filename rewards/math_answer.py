from rewards.interface import Reward, Sample, Verdict


def math_answer(sample: Sample) -> Reward:
    return Reward.of(Verdict("math_answer", float(sample.completion.endswith(str(sample.reference_answer)))))
