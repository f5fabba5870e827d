// The C ABI of every module: its buffers and its exports. What a module does is its own answer().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::abi {

// Runs one operation of the module on the input's frames, writes frames into `output` and returns a result of
// sluice_abi.h. Each module defines it once.
[[nodiscard]] int32_t answer(int32_t op, const std::vector<std::string_view>& frames, std::string& output);

// Writes an error's one frame into `output`; returns `code`.
int32_t refuse(int32_t code, std::string_view text, std::string& output);

}  // namespace sluice::abi
