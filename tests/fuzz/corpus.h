// Runs a fuzz target over its committed corpus without a fuzzer: every input that once mattered is tried
// again.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace sluice::fuzz {

using Target = int (*)(const uint8_t*, size_t);

// Runs every file of tests/fuzz/corpus/<name> in the order of their names; a file that breaks a property is
// named.
inline void run_corpus(const std::string& name, Target target) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(SLUICE_SOURCE_DIR "/tests/fuzz/corpus/" + name)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  REQUIRE(!files.empty());
  for (const auto& path : files) {
    INFO("tests/fuzz/corpus/" << name << "/" << path.filename().string());
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    // An allocation of just this size lets the address sanitizer see a read past the end.
    const std::string text = bytes.str();
    const std::vector<uint8_t> exact(text.begin(), text.end());
    CHECK(target(exact.data(), exact.size()) == 0);
  }
}

}  // namespace sluice::fuzz
