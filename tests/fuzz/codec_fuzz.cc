// Frames: arbitrary bytes are judged as an independent reader judges them, what is written is read back, and
// no frames with one length changed are taken.
#include <algorithm>

#include "abi/codec.h"
#include "tests/fuzz/support.h"

using namespace sluice::fuzz;

namespace {

using Frames = std::vector<std::string_view>;

uint64_t number_at(std::string_view bytes, size_t at) {
  uint64_t out = 0;
  for (size_t i = 0; i < 4; ++i) out |= uint64_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
  return out;
}

// The codec's grammar as sluice_abi.h words it, read with 64-bit sums.
bool reference(std::string_view bytes, Frames& out) {
  if (bytes.size() < 4) return false;
  uint64_t at = 4;
  for (uint64_t left = number_at(bytes, 0); left > 0; --left) {
    if (at + 4 > bytes.size()) return false;
    const uint64_t length = number_at(bytes, at);
    if (at + 4 + length > bytes.size()) return false;
    out.push_back(bytes.substr(at + 4, length));
    at += 4 + length;
  }
  return at == bytes.size();
}

void judge(std::string_view bytes) {
  Frames ours, theirs;
  const bool taken = sluice::abi::read_frames(bytes, ours);
  demand(taken == reference(bytes, theirs), "bytes are frames or not, whoever reads them");
  if (!taken) return;
  demand(ours == theirs, "frames hold what they say");
  std::string written;
  sluice::abi::write_frames(ours, written);
  demand(written == bytes, "frames have one spelling");
}

// Changes each length a little and much: what it promises is then not what follows.
void refuse_changed_lengths(const Frames& frames, std::string bytes) {
  Frames read;
  size_t at = 0;
  for (size_t n = 0; n <= std::min<size_t>(frames.size(), 16); ++n) {
    for (const int shift : {0, 8, 16, 24}) {
      for (const int change : {1, 255}) {
        const auto kept = static_cast<uint8_t>(bytes[at + static_cast<size_t>(shift) / 8]);
        char& byte = bytes[at + static_cast<size_t>(shift) / 8];
        byte = static_cast<char>(kept + change);
        judge(bytes);
        if (n == 0) demand(!sluice::abi::read_frames(bytes, read), "a wrong count is refused");
        byte = static_cast<char>(kept);
      }
    }
    at += n == 0 ? 4 : 4 + frames[n - 1].size();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<char> exact(data, data + size);
  const std::string_view input(exact.data(), exact.size());
  judge(input);

  const Frames frames = split(input, '|');
  std::string bytes;
  sluice::abi::write_frames(frames, bytes);
  Frames read;
  demand(sluice::abi::read_frames(bytes, read) && read == frames, "what is written is read");
  for (size_t cut = 1; cut <= std::min<size_t>(bytes.size(), 64); ++cut) {
    demand(!sluice::abi::read_frames(std::string_view(bytes).substr(0, bytes.size() - cut), read),
           "frames that end early are refused");
  }
  demand(!sluice::abi::read_frames(bytes + '\0', read), "a byte too many is refused");
  refuse_changed_lengths(frames, bytes);
  return 0;
}
