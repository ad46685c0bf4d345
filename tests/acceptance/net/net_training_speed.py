#!/usr/bin/python3
"""PyTorch's side of net_training_speed: the same size of net, trained as fast as it will on one thread.

Convolutions with bias, channels last, no normalisation, SGD with Nesterov's momentum; bf16 under autocast. For each line on standard input
it takes STEPS steps and prints samples for each second of processor time."""
import sys
import time

import torch
from torch import nn
import torch.nn.functional as F

BLOCKS, CHANNELS, SIZE, BATCH, PLANES, STEPS = (int(word) for word in sys.argv[1:7])
DTYPE = sys.argv[7]
torch.set_num_threads(1)
torch.manual_seed(1)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1)
        self.second = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1)

    def forward(self, x):
        return F.relu(x + self.second(F.relu(self.first(x))))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(PLANES, CHANNELS, 3, padding=1)
        self.blocks = nn.Sequential(*[Block() for _ in range(BLOCKS)])
        self.heads = nn.Conv2d(CHANNELS, CHANNELS, 1)
        self.points = nn.Conv2d(CHANNELS, 4, 1)
        self.hidden = nn.Linear(2 * CHANNELS, CHANNELS)
        self.values = nn.Linear(CHANNELS, 7)

    def forward(self, x):
        x = F.relu(self.heads(self.blocks(F.relu(self.stem(x)))))
        pooled = torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)
        return self.points(x).flatten(2), self.values(F.relu(self.hidden(pooled)))


def main():
    net = Net().to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9, nesterov=True, weight_decay=1e-4)
    planes = torch.rand(BATCH, PLANES, SIZE, SIZE).to(memory_format=torch.channels_last)
    moves = torch.randint(0, SIZE * SIZE, (3, BATCH))
    outcomes = torch.randint(0, 3, (2, BATCH))
    score = torch.rand(BATCH)
    area = torch.rand(BATCH, SIZE * SIZE)

    def step():
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=DTYPE == "bf16"):
            points, values = net(planes)
        points, values = points.float(), values.float()
        loss = sum(F.cross_entropy(points[:, i], moves[i]) for i in range(3))
        loss = loss + F.cross_entropy(values[:, :3], outcomes[0]) + F.cross_entropy(values[:, 3:6], outcomes[1])
        loss = loss + F.smooth_l1_loss(values[:, 6], score) + F.mse_loss(torch.tanh(points[:, 3]), area)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 4)
        optimiser.step()

    for _ in range(3):
        step()
    for _ in sys.stdin:
        start = time.process_time()
        for _ in range(STEPS):
            step()
        print(STEPS * BATCH / (time.process_time() - start), flush=True)


main()
