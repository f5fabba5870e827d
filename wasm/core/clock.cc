#include "core/clock.h"

#include <algorithm>

namespace sluice {
namespace {

constexpr int64_t kDayMs = 86400000;

struct Date {
  int64_t year;
  int month;
  int day;
};

// Proleptic Gregorian calendar in 400-year eras that start on 1 March (Howard Hinnant, "chrono-Compatible
// Low-Level Date Algorithms").
int64_t days_from_date(Date d) {
  const int64_t y = d.month <= 2 ? d.year - 1 : d.year;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (d.month > 2 ? d.month - 3 : d.month + 9) + 2) / 5 + d.day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

Date date_from_days(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t doe = days - era * 146097;
  const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const int64_t mp = (5 * doy + 2) / 153;
  const int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  return {yoe + era * 400 + (month <= 2 ? 1 : 0), month, static_cast<int>(doy - (153 * mp + 2) / 5 + 1)};
}

void append_padded(std::string& out, int64_t value, int width) {
  char digits[8];
  for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits, static_cast<size_t>(width));
}

// Reads `count` digits at `*at`, or returns -1.
int64_t digits(std::string_view text, size_t* at, int count) {
  int64_t value = 0;
  for (int i = 0; i < count; ++i, ++*at) {
    if (*at >= text.size() || text[*at] < '0' || text[*at] > '9') return -1;
    value = value * 10 + (text[*at] - '0');
  }
  return value;
}

bool literal(std::string_view text, size_t* at, std::string_view any_of) {
  if (*at >= text.size() || any_of.find(text[*at]) == std::string_view::npos) return false;
  ++*at;
  return true;
}

int days_in_month(int64_t year, int64_t month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// Milliseconds of an optional fraction (".5" is 500), or -1.
int64_t fraction_ms(std::string_view text, size_t* at) {
  if (*at >= text.size() || text[*at] != '.') return 0;
  ++*at;
  int64_t ms = 0;
  int count = 0;
  for (; *at < text.size() && text[*at] >= '0' && text[*at] <= '9'; ++*at, ++count) {
    if (count < 3) ms = ms * 10 + (text[*at] - '0');
  }
  if (count == 0) return -1;
  for (; count < 3; ++count) ms *= 10;
  return ms;
}

// Minutes of "Z" or "±hh:mm"; false where there is neither.
bool offset_minutes(std::string_view text, size_t* at, int64_t* minutes) {
  *minutes = 0;
  if (literal(text, at, "Zz")) return true;
  const bool west = *at < text.size() && text[*at] == '-';
  if (!literal(text, at, "+-")) return false;
  const int64_t hours = digits(text, at, 2);
  if (!literal(text, at, ":")) return false;
  const int64_t rest = digits(text, at, 2);
  if (hours < 0 || hours > 23 || rest < 0 || rest > 59) return false;
  *minutes = (hours * 60 + rest) * (west ? -1 : 1);
  return true;
}

}  // namespace

std::string rfc3339(int64_t at_ms) {
  at_ms = std::clamp<int64_t>(at_ms, 0, kTimeMsMax);
  const int64_t days = at_ms / kDayMs;
  const int64_t rest = at_ms % kDayMs;
  const Date date = date_from_days(days);
  std::string out;
  out.reserve(24);
  append_padded(out, date.year, 4);
  out.push_back('-');
  append_padded(out, date.month, 2);
  out.push_back('-');
  append_padded(out, date.day, 2);
  out.push_back('T');
  append_padded(out, rest / 3600000, 2);
  out.push_back(':');
  append_padded(out, rest / 60000 % 60, 2);
  out.push_back(':');
  append_padded(out, rest / 1000 % 60, 2);
  out.push_back('.');
  append_padded(out, rest % 1000, 3);
  out.push_back('Z');
  return out;
}

int64_t parse_rfc3339(std::string_view text) {
  size_t at = 0;
  const int64_t year = digits(text, &at, 4);
  if (!literal(text, &at, "-")) return -1;
  const int64_t month = digits(text, &at, 2);
  if (!literal(text, &at, "-")) return -1;
  const int64_t day = digits(text, &at, 2);
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) return -1;
  if (!literal(text, &at, "Tt ")) return -1;
  const int64_t hour = digits(text, &at, 2);
  if (!literal(text, &at, ":")) return -1;
  const int64_t minute = digits(text, &at, 2);
  if (!literal(text, &at, ":")) return -1;
  const int64_t second = digits(text, &at, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return -1;
  const int64_t ms = fraction_ms(text, &at);
  int64_t offset = 0;
  if (ms < 0 || !offset_minutes(text, &at, &offset) || at != text.size()) return -1;
  const int64_t days = days_from_date({year, static_cast<int>(month), static_cast<int>(day)});
  const int64_t result = days * kDayMs + ((hour * 60 + minute - offset) * 60 + second) * 1000 + ms;
  return result < 0 || result > kTimeMsMax ? -1 : result;
}

}  // namespace sluice
