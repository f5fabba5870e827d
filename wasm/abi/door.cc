#include "abi/door.h"

#include "abi/codec.h"
#include "abi/sluice_abi.h"

#ifdef __EMSCRIPTEN__
#define SLUICE_EXPORT(name) __attribute__((export_name(#name)))
#else
#define SLUICE_EXPORT(name)
#endif

namespace {

std::string g_input;
std::string g_output;

}  // namespace

namespace sluice::abi {

int32_t refuse(int32_t code, std::string_view text, std::string& output) {
  write_frames({text}, output);
  return code;
}

}  // namespace sluice::abi

extern "C" {

SLUICE_EXPORT(sluice_version) uint32_t sluice_version(void) { return SLUICE_ABI_VERSION; }

SLUICE_EXPORT(sluice_input) uint8_t* sluice_input(size_t size) {
  if (g_input.size() < size) g_input.resize(size);
  return reinterpret_cast<uint8_t*>(g_input.data());
}

SLUICE_EXPORT(sluice_call) int32_t sluice_call(int32_t op, size_t size) {
  std::vector<std::string_view> frames;
  const bool framed =
      size <= g_input.size() && sluice::abi::read_frames(std::string_view(g_input).substr(0, size), frames);
  if (!framed) return sluice::abi::refuse(SLUICE_ERROR_FRAMES, "the input is not frames", g_output);
  return sluice::abi::answer(op, frames, g_output);
}

SLUICE_EXPORT(sluice_output) const uint8_t* sluice_output(void) {
  return reinterpret_cast<const uint8_t*>(g_output.data());
}

SLUICE_EXPORT(sluice_output_size) size_t sluice_output_size(void) { return g_output.size(); }

}  // extern "C"
