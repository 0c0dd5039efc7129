#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pieces of micrographs a second on one core as Python users feed them: PNG decoded by OpenCV, crop, flips and any-angle
rotation by albumentations, image and mask, batches by torch's DataLoader; and what decoding alone takes.

    feed_images.py IMAGES MASKS SIDE [BATCH] [PIECES]

Prints one line of key=value figures: processor seconds of the process, no workers (on one core they do not help)."""
import sys
import time
from pathlib import Path

import albumentations
import cv2
import torch
from albumentations.pytorch import ToTensorV2


class Micrographs(torch.utils.data.Dataset):
    def __init__(self, images, masks, side):
        self.images = sorted(images.glob("*.png"))
        self.masks = masks
        self.transform = albumentations.Compose([
            albumentations.RandomCrop(side, side),
            albumentations.HorizontalFlip(p=0.5),
            albumentations.VerticalFlip(p=0.5),
            albumentations.Rotate(limit=180, border_mode=cv2.BORDER_REFLECT_101, p=1),
            albumentations.Normalize(mean=0.5, std=0.25),
            ToTensorV2(),
        ])

    def __len__(self):
        return len(self.images)

    def read(self, index):
        path = self.images[index]
        return (cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), cv2.imread(str(self.masks / path.name), cv2.IMREAD_GRAYSCALE))

    def __getitem__(self, index):
        image, mask = self.read(index)
        piece = self.transform(image=image[:, :, None], mask=mask)
        return piece["image"], piece["mask"]


def rate(count, work):
    start = time.process_time()
    done = 0
    while done < count:
        done += work()
    return done / (time.process_time() - start)


def main():
    images, masks, side = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    batch = int(sys.argv[4]) if len(sys.argv) > 4 else 8
    pieces = int(sys.argv[5]) if len(sys.argv) > 5 else 1000
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    micrographs = Micrographs(images, masks, side)
    loader = torch.utils.data.DataLoader(micrographs, batch_size=batch, shuffle=True)

    def epoch():
        return sum(len(image) for image, _ in loader)

    def decode():
        return sum(1 for index in range(len(micrographs)) if micrographs.read(index)[0] is not None)

    epoch()
    print(f"peer=albumentations_{albumentations.__version__} images={len(micrographs)} side={side} batch={batch} "
          f"images_per_second={rate(pieces, epoch):.0f} decoded_pairs_per_second={rate(pieces // 4, decode):.0f}")


if __name__ == "__main__":
    main()
