// SPDX-License-Identifier: Apache-2.0
#include "microstructure/skeleton.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "microstructure/bit_raster.hpp"

namespace tessera::microstructure {
namespace {

// The eight neighbours of 64 pixels, clockwise from north.
struct Neighbours {
  std::uint64_t n, ne, e, se, s, sw, w, nw;
};

std::uint64_t from_west(const std::uint64_t* word) {
  return word[0] << 1 | word[-1] >> 63;
}

std::uint64_t from_east(const std::uint64_t* word) {
  return word[0] >> 1 | word[1] << 63;
}

Neighbours neighbours_of(const std::uint64_t* above, const std::uint64_t* here, const std::uint64_t* below) {
  return {above[0], from_east(above), from_east(here), from_east(below),
          below[0], from_west(below), from_west(here), from_west(above)};
}

std::uint64_t two_or_more(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  return (a & b) | (c & d) | ((a | b) & (c | d));
}

// The pixels that subiteration 0 or 1 of Guo and Hall (1989) takes away. Letters as in the paper: C counts
// the 8-connected parts around the pixel, N1 and N2 its neighbours by pairs.
std::uint64_t deletable(const Neighbours& p, int subiteration) {
  const std::uint64_t c1 = ~p.n & (p.ne | p.e), c2 = ~p.e & (p.se | p.s);
  const std::uint64_t c3 = ~p.s & (p.sw | p.w), c4 = ~p.w & (p.nw | p.n);
  const std::uint64_t one_part = (c1 ^ c2 ^ c3 ^ c4) & ~((c1 & c2) | (c3 & c4));
  const std::uint64_t a1 = p.nw | p.n, a2 = p.ne | p.e, a3 = p.se | p.s, a4 = p.sw | p.w;
  const std::uint64_t b1 = p.n | p.ne, b2 = p.e | p.se, b3 = p.s | p.sw, b4 = p.w | p.nw;
  const std::uint64_t at_least_two = two_or_more(a1, a2, a3, a4) & two_or_more(b1, b2, b3, b4);
  const std::uint64_t all_four = a1 & a2 & a3 & a4 & b1 & b2 & b3 & b4;
  const std::uint64_t kept = subiteration == 0 ? (p.s | p.sw | ~p.nw) & p.w : (p.n | p.ne | ~p.se) & p.e;
  return one_part & at_least_two & ~all_four & ~kept;
}

// Both subiterations in turn until neither changes anything. A block of words is looked at only where it or a
// block around it changed since it was last asked the same question: the inside of thick parts costs nothing.
class Thinning {
 public:
  explicit Thinning(BitRaster& picture)
      : picture_(picture),
        blocks_((picture.words() + kBlock - 1) / kBlock),
        changed_(static_cast<std::size_t>(picture.height() + 2) * (blocks_ + 2), -1),
        above_(static_cast<std::size_t>(picture.words()) + 2),
        here_(above_.size()) {}

  void run() {
    int last_change = -1;
    for (int step = 0; step - last_change <= 2; ++step)
      if (subiterate(step)) last_change = step;
  }

 private:
  static constexpr int kBlock = 4;  // words

  int& changed(int y, int block) {
    return changed_[static_cast<std::size_t>(y + 1) * (blocks_ + 2) + block + 1];
  }

  bool may_change(int y, int block, int step) {
    for (int dy = -1; dy <= 1; ++dy)
      for (int db = -1; db <= 1; ++db)
        if (changed(y + dy, block + db) >= step - 2) return true;
    return false;
  }

  bool subiterate(int step) {
    bool any = false;
    std::fill(above_.begin(), above_.end(), 0);
    for (int y = 0; y < picture_.height(); ++y) {
      // All pixels of a subiteration go at once: this row and the one above as they were before it.
      std::memcpy(here_.data(), picture_.row(y) - 1, here_.size() * sizeof(std::uint64_t));
      for (int block = 0; block < blocks_; ++block)
        if (may_change(y, block, step) && thin_block(y, block, step % 2)) {
          changed(y, block) = step;
          any = true;
        }
      std::swap(above_, here_);
    }
    return any;
  }

  bool thin_block(int y, int block, int subiteration) {
    const std::uint64_t *above = above_.data() + 1, *here = here_.data() + 1, *below = picture_.row(y + 1);
    std::uint64_t* row = picture_.row(y);
    std::uint64_t gone = 0;
    const int end = std::min((block + 1) * kBlock, picture_.words());
    for (int i = block * kBlock; i < end; ++i) {
      const std::uint64_t out =
          here[i] & deletable(neighbours_of(above + i, here + i, below + i), subiteration);
      row[i] = here[i] & ~out;
      gone |= out;
    }
    return gone != 0;
  }

  BitRaster& picture_;
  int blocks_;
  std::vector<int> changed_;  // (height + 2, blocks + 2): the step that last changed a block
  std::vector<std::uint64_t> above_, here_;
};

// Of each pattern of neighbours (bit 0 north, clockwise) whether its middle pixel may go: a simple point
// (Yokoi, Toriwaki and Fukumura 1975: one 8-connected part around it) that is no end of a line.
constexpr std::array<bool, 256> make_removable() {
  std::array<bool, 256> removable{};
  for (unsigned pattern = 0; pattern < 256; ++pattern) {
    int parts = 0;
    for (unsigned i = 0; i < 8; i += 2) {
      const bool side = pattern >> i & 1, corner = pattern >> (i + 1) & 1,
                 next = pattern >> ((i + 2) % 8) & 1;
      parts += !side && (corner || next);
    }
    removable[pattern] = parts == 1 && std::popcount(pattern) >= 2;
  }
  return removable;
}

unsigned pattern_at(const BitRaster& picture, int y, int x) {
  const int word = x / 64, bit = x % 64;
  const std::uint64_t* rows[] = {picture.row(y - 1) + word, picture.row(y) + word, picture.row(y + 1) + word};
  const auto three = [bit](const std::uint64_t* at) {  // bits: west, middle, east
    const std::uint64_t west = bit > 0 ? at[0] >> (bit - 1) : at[0] << 1 | at[-1] >> 63;
    const std::uint64_t east = bit < 63 ? at[0] >> (bit + 1) : at[1];
    return static_cast<unsigned>((west & 3) | (east & 1) << 2);
  };
  const unsigned above = three(rows[0]), here = three(rows[1]), below = three(rows[2]);
  return (above >> 1 & 1) | (above >> 2) << 1 | (here >> 2) << 2 | (below >> 2) << 3 | (below >> 1 & 1) << 4 |
         (below & 1) << 5 | (here & 1) << 6 | (above & 1) << 7;
}

// One point after another, so that each is simple when it goes.
void remove_doubled_points(BitRaster& picture) {
  static constexpr auto kRemovable = make_removable();
  for (bool again = true; again;) {
    again = false;
    for (int y = 0; y < picture.height(); ++y)
      for (int i = 0; i < picture.words(); ++i)
        for (std::uint64_t rest = picture.row(y)[i]; rest; rest &= rest - 1) {
          const int x = 64 * i + std::countr_zero(rest);
          if (!kRemovable[pattern_at(picture, y, x)]) continue;
          picture.row(y)[i] &= ~(rest & (~rest + 1));
          again = true;
        }
  }
}

// The longest stretch of boundary along the picture's edge.
int longest_cut(const Mask& mask) {
  int longest = 0;
  const auto walk = [&](int count, auto&& pixel) {
    for (int i = 0, length = 0; i < count; ++i) {
      length = pixel(i) ? length + 1 : 0;
      longest = std::max(longest, length);
    }
  };
  for (int y : {0, mask.height() - 1}) walk(mask.width(), [&](int x) { return mask(y, x); });
  for (int x : {0, mask.width() - 1}) walk(mask.height(), [&](int y) { return mask(y, x); });
  return longest;
}

// The outermost pixels go on for `margin` pixels beyond each edge.
Mask with_margin(const Mask& mask, int margin) {
  Mask wide(mask.height() + 2 * margin, mask.width() + 2 * margin);
  for (int y = 0; y < wide.height(); ++y) {
    const std::uint8_t* from = mask.row(std::clamp(y - margin, 0, mask.height() - 1));
    std::uint8_t* to = wide.row(y);
    std::fill_n(to, margin, from[0]);
    std::copy_n(from, mask.width(), to + margin);
    std::fill_n(to + margin + mask.width(), margin, from[mask.width() - 1]);
  }
  return wide;
}

}  // namespace

Mask thin(const Mask& mask) {
  BitRaster picture(mask);
  Thinning(picture).run();
  remove_doubled_points(picture);
  return picture.mask();
}

Mask boundary_skeleton(const Mask& mask) {
  if (mask.empty()) return mask;
  // A cut end is drawn back by half its width; beyond 64 px of a cut, it is a region and not a line that is
  // cut.
  const int margin = std::min(longest_cut(mask) / 2 + 2, 32);
  const Mask wide = thin(with_margin(mask, margin));
  Mask skeleton(mask.height(), mask.width());
  for (int y = 0; y < mask.height(); ++y)
    std::copy_n(wide.row(y + margin) + margin, mask.width(), skeleton.row(y));
  return skeleton;
}

}  // namespace tessera::microstructure
