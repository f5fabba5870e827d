#include "chat/utf8.h"

namespace sluice::chat {

CodePoint code_point_at(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(text[i])); };
  const uint32_t lead = byte(at);
  const uint32_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
  if (bytes == 1 || lead > 0xF4 || at + bytes > text.size()) return {lead, 1};
  uint32_t value = lead & (0xFFU >> (bytes + 1));
  for (uint32_t i = 1; i < bytes; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return {lead, 1};
    value = (value << 6) | (byte(at + i) & 0x3F);
  }
  return {value, bytes};
}

bool is_word_code_point(uint32_t value) {
  if (value < 0x80) return is_ascii_alnum(static_cast<char>(value));
  if (value < 0xC0 || value == 0xD7 || value == 0xF7) return false;
  struct Range {
    uint32_t first;
    uint32_t last;
  };
  static constexpr Range kOther[] = {
      {0x2000, 0x2BFF},     // punctuation, currency, arrows, symbols, dingbats
      {0x2E00, 0x2E7F},     // supplemental punctuation
      {0x3000, 0x3004},     // CJK space and stops
      {0x3008, 0x3020},     // CJK brackets
      {0xD800, 0xF8FF},     // surrogates, private use
      {0xFE00, 0xFE6F},     // variation selectors, presentation and small forms
      {0xFEFF, 0xFF0F},     // byte order mark, full-width punctuation
      {0xFF1A, 0xFF20},     // full-width punctuation
      {0xFFF0, 0xFFFF},     // specials
      {0x1F000, 0x1FBFF},   // pictographs
      {0xE0000, 0x10FFFF},  // tags, private use
  };
  for (const Range& range : kOther) {
    if (value >= range.first && value <= range.last) return false;
  }
  return true;
}

bool is_space_code_point(uint32_t value) {
  return value == ' ' || (value >= 0x09 && value <= 0x0D) || value == 0x85 || value == 0xA0 ||
         value == 0x1680 || (value >= 0x2000 && value <= 0x200B) || value == 0x2028 || value == 0x2029 ||
         value == 0x202F || value == 0x205F || value == 0x3000 || value == 0xFEFF;
}

uint32_t lower_code_point(uint32_t value) {
  if (value < 0x80) return static_cast<uint32_t>(ascii_lower(static_cast<char>(value)));
  if (value >= 0xC0 && value <= 0xDE && value != 0xD7) return value + 0x20;
  const bool even_is_capital = (value >= 0x100 && value <= 0x137 && value != 0x130 && value != 0x131) ||
                               (value >= 0x14A && value <= 0x177) || (value >= 0x1E00 && value <= 0x1EFF);
  if (even_is_capital) return value | 1;
  const bool odd_is_capital = (value >= 0x139 && value <= 0x148) || (value >= 0x179 && value <= 0x17E);
  if (odd_is_capital) return value + (value & 1);
  if (value == 0x178) return 0xFF;
  if (value >= 0x391 && value <= 0x3A9 && value != 0x3A2) return value + 0x20;
  if (value >= 0x410 && value <= 0x42F) return value + 0x20;
  if (value >= 0x400 && value <= 0x40F) return value + 0x50;
  return value;
}

}  // namespace sluice::chat
