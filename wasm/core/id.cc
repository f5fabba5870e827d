#include "core/id.h"

namespace sluice {
namespace {

std::string format(uint64_t high, uint64_t low) {
  const std::string a = hex(high, 16);
  const std::string b = hex(low, 16);
  std::string out;
  out.reserve(36);
  out.append(a, 0, 8).append("-").append(a, 8, 4).append("-").append(a, 12, 4).append("-");
  out.append(b, 0, 4).append("-").append(b, 4, 12);
  return out;
}

// Where an id's two digits of shard are: behind the variant and the two random bits.
constexpr size_t kShardAt = 20;

unsigned digit(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); }

}  // namespace

std::string make_id(int64_t now_ms, unsigned place, unsigned shard, Entropy& entropy) {
  const uint64_t high = static_cast<uint64_t>(now_ms) << 16 | 0x7000 | (place & 0xfff);
  const uint64_t random = entropy.next();
  const uint64_t low = uint64_t{2} << 62 | (random >> 62) << 60 | uint64_t{shard & 0xff} << 52 |
                       (random & ((uint64_t{1} << 52) - 1));
  return format(high, low);
}

unsigned shard_of(std::string_view id) { return digit(id[kShardAt]) << 4 | digit(id[kShardAt + 1]); }

void set_shard(std::string& id, unsigned shard) { id.replace(kShardAt, 2, hex(shard & 0xff, 2)); }

std::string id_floor(int64_t at_ms) { return format(static_cast<uint64_t>(at_ms < 0 ? 0 : at_ms) << 16, 0); }

bool is_id(std::string_view text) {
  if (text.size() != 36 || text[14] != '7') return false;
  for (size_t i = 0; i < 36; ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

std::string make_nonce(Entropy& entropy) { return hex(entropy.next(), 16); }

}  // namespace sluice
