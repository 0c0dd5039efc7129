#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The residual U-Net of src/models/residual_unet.hpp as a Python user writes it, on the same LibTorch: seconds of a
training step on one core, in LibTorch's own memory order and channels-last, in float32 and bfloat16 (autocast).

    train_unet.py [--depth 4] [--layer 2] [--base-width 16] [--size 256] [--batch 4] [--steps 7] [--bf16]

Prints one line of key=value figures for each memory order."""
import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn import functional


class Conv(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.norm(self.conv(x))


class Level(nn.Module):
    """layer - 1 convolutions, each pair of them with a residual skip around it."""

    def __init__(self, inputs, outputs, layer):
        super().__init__()
        convolutions = layer - 1
        self.convs = nn.ModuleList(Conv(inputs if i == 0 else outputs, outputs) for i in range(convolutions))
        self.projection = nn.Conv2d(inputs, outputs, 1, bias=False) if convolutions > 1 and inputs != outputs else None

    def forward(self, x):
        for i in range(0, len(self.convs) - 1, 2):
            skip = self.projection(x) if i == 0 and self.projection is not None else x
            x = functional.relu(self.convs[i + 1](functional.relu(self.convs[i](x))) + skip)
        return functional.relu(self.convs[-1](x)) if len(self.convs) % 2 else x


class ResidualUnet(nn.Module):
    def __init__(self, depth, layer, base):
        super().__init__()
        widths = [base << level for level in range(depth)]
        self.encoder = nn.ModuleList(Level(1 if i == 0 else widths[i - 1], w, layer) for i, w in enumerate(widths))
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, stride=2) for w in widths[:-1])
        self.decoder = nn.ModuleList(Level(w, w, layer) for w in widths[:-1])
        self.head = nn.Conv2d(base, 1, 1)

    def forward(self, x):
        seen = []
        for level, block in enumerate(self.encoder):
            x = block(functional.max_pool2d(x, 2) if level else x)
            seen.append(x)
        for level in reversed(range(len(self.up))):
            x = self.decoder[level](self.up[level](x) + seen[level])
        return self.head(x)


def bce_dice(logits, target):
    """Mean binary cross entropy and Dice loss of each sample, summed."""
    probability = torch.sigmoid(logits)
    overlap, total = (probability * target).sum((1, 2, 3)), (probability + target).sum((1, 2, 3))
    bce = functional.binary_cross_entropy_with_logits(logits, target, reduction="none").mean((1, 2, 3))
    return (bce + 1 - (2 * overlap + 1) / (total + 1)).sum()


def step_seconds(arguments, memory_format):
    torch.manual_seed(0)
    network = ResidualUnet(arguments.depth, arguments.layer, arguments.base_width).to(memory_format=memory_format)
    optimizer = torch.optim.SGD(network.parameters(), 0.01, momentum=0.9)
    shape = (arguments.batch, 1, arguments.size, arguments.size)
    grey, target = torch.randn(shape).to(memory_format=memory_format), (torch.rand(shape) < 0.2).float()
    seconds = []
    for _ in range(arguments.steps):
        start = time.process_time()
        with torch.autocast("cpu", torch.bfloat16, enabled=arguments.bf16):
            logits = network(grey)
        loss = bce_dice(logits.float(), target) / arguments.batch
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds), sum(p.numel() for p in network.parameters())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("depth", 4), ("layer", 2), ("base-width", 16), ("size", 256), ("batch", 4), ("steps", 7)):
        parser.add_argument("--" + name, type=int, default=value)
    parser.add_argument("--bf16", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    for name, memory_format in (("contiguous", torch.contiguous_format), ("channels_last", torch.channels_last)):
        seconds, parameters = step_seconds(arguments, memory_format)
        print(f"peer=python depth={arguments.depth} layer={arguments.layer} base_width={arguments.base_width} "
              f"parameters={parameters} precision={'bf16' if arguments.bf16 else 'float32'} memory={name} "
              f"images_per_second={arguments.batch / seconds:.2f}")


if __name__ == "__main__":
    main()
