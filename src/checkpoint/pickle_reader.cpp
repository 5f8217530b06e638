#include "checkpoint/pickle_reader.h"

#include <bit>
#include <charconv>
#include <span>
#include <utility>

#include "checkpoint/pickle_builder.h"
#include "checkpoint/pickle_stack.h"
#include "checkpoint/pickle_stream.h"

namespace tandem::checkpoint {
namespace {

constexpr std::uint8_t kNewestProtocol = 5;

PickleSlot integer(std::int64_t value, PickleKind kind = PickleKind::kInt) {
  PickleSlot slot{kind, {}};
  slot.integer = value;
  return slot;
}

PickleSlot real(double value) {
  PickleSlot slot{PickleKind::kFloat, {}};
  slot.number = value;
  return slot;
}

bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if ((c & '\x80') != 0) return false;
  }
  return true;
}

// The stack machine. Instructions are named in their comments as pickletools names them.
class Machine {
 public:
  Machine(const StoredBytes& bytes, std::size_t at, const std::string& place)
      : stream_(bytes.bytes, at, place), builder_(bytes, place, stream_), stack_(stream_) {}

  ReadPickle run() {
    for (;;) {
      const auto code = stream_.number<std::uint8_t>();
      if (code == '.') break;  // STOP
      if (!simple(code) && !number(code) && !text(code) && !container(code) && !memo(code) && !object(code)) {
        stream_.reject("found 0x{:02x}, which is no instruction of a pickle", code);
      }
    }
    const PickleSlot root = stack_.pop();
    return {builder_.finish(), root, stream_.position()};
  }

 private:
  // Puts what a new container of `elements`, the upmost values, is in their place.
  void collect(PickleKind kind, std::span<const PickleSlot> elements) {
    const PickleSlot made = builder_.container(kind, elements);
    stack_.drop();
    stack_.push(made);
  }

  // Appends `elements`, the upmost values, to what lies below them.
  void extend(PickleKind kind, std::span<const PickleSlot> elements) {
    const PickleSlot container = stack_.below();
    if (container.kind != kind) stream_.reject("appends to another kind of value");
    builder_.append(container, elements);
    stack_.drop();
  }

  bool simple(std::uint8_t code) {
    switch (code) {
      case '(':  // MARK
        stack_.push_mark();
        return true;
      case '0':  // POP
        stack_.pop_either();
        return true;
      case '1':  // POP_MARK
        stack_.above_mark();
        stack_.drop();
        return true;
      case '2':  // DUP
        stack_.push(stack_.peek());
        return true;
      case 'N':  // NONE
        stack_.push({});
        return true;
      case 0x88:  // NEWTRUE
      case 0x89:  // NEWFALSE
        stack_.push(integer(code == 0x88, PickleKind::kBool));
        return true;
      case 0x80: {  // PROTO
        const auto protocol = stream_.number<std::uint8_t>();
        if (protocol > kNewestProtocol)
          stream_.refuse("protocol {}, at most {} is read", protocol, kNewestProtocol);
        return true;
      }
      case 0x95:  // FRAME: its size says nothing that the instructions in it do not
        stream_.number<std::uint64_t>();
        return true;
      default:
        return false;
    }
  }

  bool number(std::uint8_t code) {
    switch (code) {
      case 'J':  // BININT
        stack_.push(integer(stream_.number<std::int32_t>()));
        return true;
      case 'K':  // BININT1
        stack_.push(integer(stream_.number<std::uint8_t>()));
        return true;
      case 'M':  // BININT2
        stack_.push(integer(stream_.number<std::uint16_t>()));
        return true;
      case 0x8A:  // LONG1
        stack_.push(builder_.big_integer(stream_.take(stream_.number<std::uint8_t>())));
        return true;
      case 0x8B:  // LONG4
        stack_.push(builder_.big_integer(stream_.take(stream_.number<std::uint32_t>())));
        return true;
      case 'G': {  // BINFLOAT, big-endian
        stack_.push(real(std::bit_cast<double>(__builtin_bswap64(stream_.number<std::uint64_t>()))));
        return true;
      }
      case 'I':  // INT
      case 'L':  // LONG
        stack_.push(decimal(stream_.line()));
        return true;
      case 'F':  // FLOAT
        stack_.push(real(parse<double>(stream_.line())));
        return true;
      default:
        return false;
    }
  }

  template <typename Number>
  Number parse(std::string_view digits) const {
    Number value{};
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (end.ec != std::errc() || end.ptr != digits.data() + digits.size())
      stream_.reject("a line is no number");
    return value;
  }

  PickleSlot decimal(std::string_view line) const {
    if (line == "00" || line == "01") return integer(line == "01", PickleKind::kBool);
    if (line.ends_with('L')) line.remove_suffix(1);
    return integer(parse<std::int64_t>(line));
  }

  bool text(std::uint8_t code) {
    switch (code) {
      case 'X':  // BINUNICODE
        stack_.push(builder_.text(PickleKind::kString, stream_.take(stream_.number<std::uint32_t>())));
        return true;
      case 0x8C:  // SHORT_BINUNICODE
        stack_.push(builder_.text(PickleKind::kString, stream_.take(stream_.number<std::uint8_t>())));
        return true;
      case 0x8D:  // BINUNICODE8
        stack_.push(builder_.text(PickleKind::kString, stream_.take(stream_.number<std::uint64_t>())));
        return true;
      case 'B':  // BINBYTES
        stack_.push(builder_.text(PickleKind::kBytes, stream_.take(stream_.number<std::uint32_t>())));
        return true;
      case 'C':  // SHORT_BINBYTES
        stack_.push(builder_.text(PickleKind::kBytes, stream_.take(stream_.number<std::uint8_t>())));
        return true;
      case 0x8E:  // BINBYTES8
      case 0x96:  // BYTEARRAY8
        stack_.push(builder_.text(PickleKind::kBytes, stream_.take(stream_.number<std::uint64_t>())));
        return true;
      case 'T':  // BINSTRING
        stack_.push(string_of_python2(stream_.take(stream_.number<std::uint32_t>())));
        return true;
      case 'U':  // SHORT_BINSTRING
        stack_.push(string_of_python2(stream_.take(stream_.number<std::uint8_t>())));
        return true;
      case 'V': {  // UNICODE
        const auto line = stream_.line();
        if (!is_ascii(line) || line.find('\\') != line.npos)
          stream_.refuse("a text with escapes; save it by protocol 2");
        stack_.push(builder_.text(PickleKind::kString, line));
        return true;
      }
      default:
        return false;
    }
  }

  // Text and bytes were one to it.
  PickleSlot string_of_python2(std::string_view bytes) {
    return builder_.text(is_ascii(bytes) ? PickleKind::kString : PickleKind::kBytes, bytes);
  }

  bool container(std::uint8_t code) {
    switch (code) {
      case '}':  // EMPTY_DICT
        stack_.push(builder_.container(PickleKind::kDict, {}));
        return true;
      case ']':  // EMPTY_LIST
        stack_.push(builder_.container(PickleKind::kList, {}));
        return true;
      case ')':  // EMPTY_TUPLE
        stack_.push(builder_.container(PickleKind::kTuple, {}));
        return true;
      case 0x8F:  // EMPTY_SET
        stack_.push(builder_.container(PickleKind::kSet, {}));
        return true;
      case 'd':  // DICT
        collect(PickleKind::kDict, stack_.above_mark());
        return true;
      case 'l':  // LIST
        collect(PickleKind::kList, stack_.above_mark());
        return true;
      case 't':  // TUPLE
        collect(PickleKind::kTuple, stack_.above_mark());
        return true;
      case 0x91:  // FROZENSET
        collect(PickleKind::kSet, stack_.above_mark());
        return true;
      case 0x85:  // TUPLE1
      case 0x86:  // TUPLE2
      case 0x87:  // TUPLE3
        collect(PickleKind::kTuple, stack_.top(code - 0x84u));
        return true;
      case 'a':  // APPEND
        extend(PickleKind::kList, stack_.top(1));
        return true;
      case 'e':  // APPENDS
        extend(PickleKind::kList, stack_.above_mark());
        return true;
      case 's':  // SETITEM
        extend(PickleKind::kDict, stack_.top(2));
        return true;
      case 'u':  // SETITEMS
        extend(PickleKind::kDict, stack_.above_mark());
        return true;
      case 0x90:  // ADDITEMS
        extend(PickleKind::kSet, stack_.above_mark());
        return true;
      default:
        return false;
    }
  }

  bool memo(std::uint8_t code) {
    switch (code) {
      case 'p':  // PUT
        stack_.remember(parse<std::uint32_t>(stream_.line()));
        return true;
      case 'q':  // BINPUT
        stack_.remember(stream_.number<std::uint8_t>());
        return true;
      case 'r':  // LONG_BINPUT
        stack_.remember(stream_.number<std::uint32_t>());
        return true;
      case 0x94:  // MEMOIZE
        stack_.remember_next();
        return true;
      case 'g':  // GET
        stack_.recall(parse<std::uint32_t>(stream_.line()));
        return true;
      case 'h':  // BINGET
        stack_.recall(stream_.number<std::uint8_t>());
        return true;
      case 'j':  // LONG_BINGET
        stack_.recall(stream_.number<std::uint32_t>());
        return true;
      default:
        return false;
    }
  }

  bool object(std::uint8_t code) {
    switch (code) {
      case 'c': {  // GLOBAL
        const auto module = stream_.line();
        stack_.push(builder_.name(module, stream_.line()));
        return true;
      }
      case 0x93: {  // STACK_GLOBAL
        const PickleSlot name = stack_.pop();
        stack_.push(builder_.name(text_of(stack_.pop()), text_of(name)));
        return true;
      }
      case 'i': {  // INST: a name and a call of it; none that may be called comes so
        const auto module = stream_.line();
        const PickleSlot class_name = builder_.name(module, stream_.line());
        collect(PickleKind::kTuple, stack_.above_mark());
        stack_.push(builder_.call(class_name, stack_.pop()));
        return true;
      }
      case 'Q':  // BINPERSID
        stack_.push(builder_.persistent(stack_.pop()));
        return true;
      case 'R':     // REDUCE
      case 0x81: {  // NEWOBJ
        const PickleSlot arguments = stack_.pop();
        stack_.push(builder_.call(stack_.pop(), arguments));
        return true;
      }
      case 'b': {  // BUILD
        const PickleSlot state = stack_.pop();
        builder_.set_state(stack_.peek(), state);
        return true;
      }
      case 'P':   // PERSID
      case 'S':   // STRING
      case 'o':   // OBJ
      case 0x82:  // EXT1
      case 0x83:  // EXT2
      case 0x84:  // EXT4
      case 0x92:  // NEWOBJ_EX
      case 0x97:  // NEXT_BUFFER
      case 0x98:  // READONLY_BUFFER
        stream_.refuse(
            "the instruction 0x{:02x}, which plain tensors and arrays do not need; save it by "
            "torch.save with its defaults",
            code);
      default:
        return false;
    }
  }

  std::string_view text_of(PickleSlot slot) const {
    return builder_.text_of(slot, PickleKind::kString, "a text");
  }

  PickleStream stream_;
  PickleBuilder builder_;
  PickleStack stack_;
};

}  // namespace

ReadPickle read_pickle(const StoredBytes& bytes, std::size_t at, const std::string& place) {
  return Machine(bytes, at, place).run();
}

}  // namespace tandem::checkpoint
