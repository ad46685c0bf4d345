"""Places in C source where a small fault can be planted, and what each looks like with the fault.

A tokenizer and the structure of brackets and statements are enough; nothing is preprocessed. Only function bodies are
looked at, and the numbers of `static const` scalars beside them. Left alone: comments, strings, preprocessor lines,
types and array sizes, case labels, assertions, error messages. So are faults that other tests look for: releasing
memory and taking locks are the sanitizers' business. A mutant keeps every line where it was, so that its object code
differs from the original's only where its behaviour may.
"""
import re

TOKEN = re.compile(r"""
    (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<directive>^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*)
  | (?P<space>\s+|\\\n)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<number>0[xX][0-9a-fA-F.]+(?:[pP][+-]?\d+)?\w*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\w*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<op>\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%&|^~!<>=?:;,.(){}\[\]])
""", re.X | re.S | re.M)

# Replacements for a binary operator.
BINARY = {"<": ["<=", ">"], "<=": ["<", ">"], ">": [">=", "<"], ">=": [">", "<"], "==": ["!="], "!=": ["=="],
          "&&": ["||"], "||": ["&&"], "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"], "<<": [">>"],
          ">>": ["<<"], "&": ["|"], "|": ["&"], "^": ["&"], "+=": ["-="], "-=": ["+="], "*=": ["/="], "/=": ["*="],
          "|=": ["&="], "&=": ["|="], "^=": ["|="]}
NAMES = {"true": "false", "false": "true", "MIN": "MAX", "MAX": "MIN", "fmin": "fmax", "fmax": "fmin",
         "fminf": "fmaxf", "fmaxf": "fminf"}
OPENING, CLOSING = {"(": ")", "[": "]", "{": "}"}, {")", "]", "}"}
BUILTIN = {"void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "bool", "_Bool"}
QUALIFIERS = {"const", "static", "register", "volatile", "restrict", "inline", "_Thread_local", "extern", "_Atomic"}
CONTROL = {"if", "for", "while", "switch"}
KEYWORDS = CONTROL | {"do", "else", "return", "break", "continue", "goto", "case", "default", "sizeof"}
# Calls whose arguments are not mutated: they check, report or allocate.
SILENT = re.compile(r"(g_)?assert(_\w+)?|_?[sS]tatic_assert|g_(set_error\w*|error|warning|critical|printerr|print)|"
                    r"g_(new0?|renew|malloc0?|realloc)|calloc|sizeof|offsetof|__attribute__|_Alignas|__builtin_\w+|"
                    r"va_\w+|G_N_ELEMENTS|G_GNUC_\w+")
# Calls that are not removed: the sanitizers find what goes wrong without them.
KEPT = re.compile(r"\w*(free|unref|close|clear|destroy|[dD]elete|finalize|munmap|unlock|lock)(_\w+)?")


class Token:
    __slots__ = ("text", "kind", "start", "end", "line", "partner")

    def __init__(self, match, line):
        self.text, self.kind, self.line, self.partner = match.group(), match.lastgroup, line, None
        self.start, self.end = match.span()


class Mutant:
    """One fault: source[start:end] becomes `text`."""

    def __init__(self, path, operator, token, start, end, text):
        self.path, self.operator, self.line = path, operator, token.line
        self.start, self.end, self.text = start, end, text

    def apply(self, source):
        kept = "\n" * (source.count("\n", self.start, self.end) - self.text.count("\n"))
        return source[:self.start] + self.text + kept + source[self.end:]

    def lines(self, source):
        """The first line that changes, before and after, without blanks at the ends."""
        pairs = zip(source.split("\n"), self.apply(source).split("\n"))
        before, after = next((a, b) for a, b in pairs if a != b)
        return before.strip(), after.strip()


def tokenize(source):
    tokens, line, at = [], 1, 0
    while at < len(source):
        match = TOKEN.match(source, at)
        if not match:
            raise ValueError(f"line {line}: cannot read {source[at:at + 20]!r}")
        if match.lastgroup not in ("comment", "directive", "space"):
            tokens.append(Token(match, line))
        line += match.group().count("\n")
        at = match.end()
    stack = []
    for i, token in enumerate(tokens):
        if token.text in OPENING and token.kind == "op":
            stack.append(i)
        elif token.text in CLOSING and token.kind == "op":
            if not stack:
                raise ValueError(f"line {token.line}: {token.text} closes nothing")
            token.partner = stack.pop()
            tokens[token.partner].partner = i
    for i in stack:  # of an #else branch that opens a second time
        tokens[i].partner = i
    return tokens


def typedef_names(source):
    return set(re.findall(r"\btypedef\b[^;{]*?(\w+)\s*(?:__attribute__\s*\(\(.*?\)\)\s*)?;", source))


class Source:
    """Finds the mutants of one file."""

    def __init__(self, path, source, typedefs):
        self.path, self.source, self.typedefs = path, source, typedefs
        self.tokens = tokenize(source)
        self.places = []  # each a list of mutants, any one of which may stand for the place

    def text(self, i):
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def is_name(self, i):
        return 0 <= i < len(self.tokens) and self.tokens[i].kind == "name"

    def add(self, operator, i, texts, first=None, last=None):
        first, last = self.tokens[i if first is None else first], self.tokens[i if last is None else last]
        self.places.append([Mutant(self.path, operator, self.tokens[i], first.start, last.end, t) for t in texts])

    # ---- structure ----

    def is_type(self, first, last):
        """Whether tokens first .. last - 1 are a type name, as in a cast."""
        words = [self.text(i) for i in range(first, last)]
        words = [w for w in words if w not in QUALIFIERS and w != "*"]
        if not words or not all(self.is_name(i) or self.text(i) == "*" for i in range(first, last)):
            return False
        if words[0] in ("struct", "enum", "union"):
            return len(words) == 2
        pointer = self.text(last - 1) == "*" and len(words) == 1
        return pointer or all(w in BUILTIN or w.endswith("_t") or w in self.typedefs for w in words)

    def is_cast(self, i):
        """i is a closing bracket."""
        return self.text(i) == ")" and self.is_type(self.tokens[i].partner + 1, i)

    def declarator(self, i):
        """The index after the type when a declaration begins at i, else None."""
        at = i
        while self.text(at) in QUALIFIERS:
            at += 1
        if self.text(at) in ("struct", "enum", "union"):
            at += 2
        elif self.text(at) in BUILTIN:
            while self.text(at) in BUILTIN or self.text(at) in QUALIFIERS:
                at += 1
        elif self.is_name(at) and self.text(at) not in KEYWORDS:
            at += 1
        else:
            return None
        while self.text(at) == "*" or self.text(at) in QUALIFIERS:
            at += 1
        return at if at > i and self.is_name(at) and self.text(at + 1) in ("=", ";", ",", "[", ":") else None

    def find(self):
        i = 0
        while i < len(self.tokens):
            if self.text(i) == "{" and self.text(i - 1) == ")":
                self.block(i + 1, self.tokens[i].partner, self.returns(self.tokens[i - 1].partner))
                i = self.tokens[i].partner
            elif self.text(i) == "=" and self.is_scalar_constant(i):
                self.number(i + 1)
            elif self.text(i) in ("{", "("):
                i = self.tokens[i].partner if self.text(i) == "{" else i
            i += 1
        return self.places

    def is_scalar_constant(self, i):
        start = i
        while start > 0 and self.text(start - 1) not in (";", "}", ")", "{"):
            start -= 1
        words = [self.text(k) for k in range(start, i)]
        numeric = self.tokens[i + 1].kind == "number" and self.text(i + 2) in (",", ";")
        return "const" in words and "[" not in words and "*" not in words and numeric

    def returns(self, opening):
        """What the function whose parameters open here returns: "bool", "number", "pointer" or None."""
        words, at = [], opening - 2
        while at >= 0 and self.text(at) not in (";", "}", ")"):
            words.append(self.text(at))
            at -= 1
        if "*" in words:
            return "pointer"
        if "bool" in words or "gboolean" in words:
            return "bool"
        return "number" if any(w in BUILTIN - {"void"} or w.endswith("_t") for w in words) else None

    def block(self, i, end, kind):
        while i < end:
            i = self.statement(i, end, kind)

    def statement(self, i, end, kind):
        """Mutants of the statement at i; returns the index after it."""
        word = self.text(i)
        if word == "{":
            self.block(i + 1, self.tokens[i].partner, kind)
            return self.tokens[i].partner + 1
        if word in CONTROL or (self.is_name(i) and word.isupper() and self.header_of_block(i)):
            return self.control(i, end, kind)
        if word in ("else", "do"):
            return i + 1
        if word in ("case", "default"):
            while self.text(i) != ":":
                i += 1
            return i + 1
        last = i
        while last < end and self.text(last) != ";":
            last = self.tokens[last].partner + 1 if self.text(last) in OPENING else last + 1
        if word == "return" and self.text(i + 1) == "-" and last == i + 3 and self.tokens[i + 2].kind == "number":
            self.add("result changed", i, ["0"], i + 1, i + 2)  # a failure; which number says so is not the matter
        elif word == "return":
            self.expressions(i + 1, last)
            self.result(i, last, kind)
        elif word in ("break", "continue") and last == i + 1:
            self.add("jump removed", i, [""])
        elif word == "enum" or word == "goto":
            pass
        elif self.declarator(i) is not None:
            self.declaration(self.declarator(i), last)
        else:
            self.expressions(i, last)
            self.removal(i, last)
        return last + 1

    def header_of_block(self, i):
        """A macro that stands for a loop: NAME (...) and then a statement, not an operator."""
        if self.text(i + 1) != "(":
            return False
        after = self.tokens[i + 1].partner + 1
        return self.text(after) == "{" or (self.is_name(after) and self.text(after) != "")

    def control(self, i, end, kind):
        opening = i + 1
        if self.text(opening) != "(":
            return i + 1
        closing = self.tokens[opening].partner
        if self.text(i) == "for":
            if not self.is_release(closing + 1):
                self.for_header(opening, closing)
        elif self.text(i) in CONTROL:
            self.expressions(opening + 1, closing)
            if self.text(i) in ("if", "while"):
                self.negation(opening + 1, closing)
        return closing + 1

    def is_release(self, i):
        """Whether the statement at i does nothing but release something."""
        return self.is_name(i) and KEPT.fullmatch(self.text(i)) and self.text(i + 1) == "("

    def for_header(self, opening, closing):
        parts, at = [opening], opening + 1
        while at < closing:
            if self.text(at) == ";":
                parts.append(at)
            at = self.tokens[at].partner + 1 if self.text(at) in OPENING else at + 1
        if self.declarator(opening + 1) is not None:
            self.declaration(self.declarator(opening + 1), parts[1])
        else:
            self.expressions(opening + 1, parts[1])
        self.expressions(parts[1] + 1, parts[2])
        if parts[2] > parts[1] + 1:
            self.negation(parts[1] + 1, parts[2])

    def declaration(self, i, last):
        """Only what variables begin with: declarators have no operators and no numbers of interest."""
        while i < last:
            while i < last and self.text(i) != "=":
                i = self.tokens[i].partner + 1 if self.text(i) in OPENING else i + 1
            begin = i = i + 1
            while i < last and self.text(i) != ",":
                i = self.tokens[i].partner + 1 if self.text(i) in OPENING else i + 1
            self.expressions(begin, min(i, last))

    # ---- mutants ----

    def negation(self, first, last):
        """Not of a lone comparison or negation, whose operator has a mutant that is the same."""
        depth, words = 0, []
        for k in range(first, last):
            depth += (self.text(k) in OPENING) - (self.text(k) in CLOSING)
            words += [self.text(k)] if depth == 0 else []
        if not {"&&", "||"} & set(words) and (words[0] == "!" or {"<", "<=", ">", ">=", "==", "!="} & set(words)):
            return
        inner = self.source[self.tokens[first].start:self.tokens[last - 1].end]
        self.add("condition negated", first, [f"!({inner})"], first, last - 1)

    def result(self, i, last, kind):
        if kind is None or all(self.tokens[k].kind == "number" or self.text(k) in ("-", "true", "false")
                               for k in range(i + 1, last)):
            return
        inner = self.source[self.tokens[i + 1].start:self.tokens[last - 1].end]
        if kind == "pointer" and inner == "NULL":
            return
        text = {"bool": f"!({inner})", "number": f"({inner}) + 1", "pointer": "NULL"}[kind]
        self.add("result changed", i, [text], i + 1, last - 1)

    def removal(self, i, last):
        texts = [self.text(k) for k in range(i, last)]
        if not texts or texts[0] == "(" or SILENT.fullmatch(texts[0]):
            return
        depth = 0
        for k in range(i, last):
            depth += (self.text(k) in OPENING) - (self.text(k) in CLOSING)
            if depth == 0 and (self.text(k) in ("=", "++", "--") or (self.text(k) in BINARY and
                                                                     self.text(k).endswith("=") and
                                                                     self.text(k) not in ("==", "!=", "<=", ">="))):
                return self.add("assignment removed", i, [""], i, last - 1)
        if texts[0] in ("++", "--"):
            return self.add("assignment removed", i, [""], i, last - 1)
        call = next((k for k in range(i, last) if self.text(k) == "("), None)
        if call is not None and self.is_name(call - 1) and not KEPT.fullmatch(self.text(call - 1)):
            self.add("call removed", i, [""], i, last - 1)

    def expressions(self, i, last):
        while i < last:
            if self.is_name(i) and SILENT.fullmatch(self.text(i)):
                after = self.text(i + 1)
                i = self.tokens[i + 1].partner + 1 if after == "(" else i + 1
                continue
            if self.text(i) == "(" and self.is_type(i + 1, self.tokens[i].partner):
                i = self.tokens[i].partner + 1
                continue
            self.token(i)
            i += 1

    def is_operand_end(self, i):
        return (self.tokens[i].kind in ("name", "number", "string") and self.text(i) not in KEYWORDS or
                self.text(i) in (")", "]")) and not self.is_cast(i)

    def token(self, i):
        token = self.tokens[i]
        if token.kind == "number":
            self.number(i)
        elif token.kind == "name" and token.text in NAMES and self.text(i - 1) not in (".", "->"):
            self.add("constant changed" if token.text in ("true", "false") else "minimum for maximum", i,
                     [NAMES[token.text]])
        elif token.kind == "op" and token.text in BINARY and self.is_operand_end(i - 1):
            self.add("operator changed", i, BINARY[token.text])
        elif token.text == "-" or token.text == "!":
            self.add("sign or negation dropped", i, [" "])
        elif token.text in ("++", "--"):
            self.add("operator changed", i, ["--" if token.text == "++" else "++"])

    def number(self, i):
        text = self.text(i)
        match = re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+|\d*\.?\d+(?:[eE][-+]?\d+)?|\d+\.)([uUlLfF]*)", text)
        if not match or self.text(i - 1) == "." or len(text) > 9:  # the long ones are the constants of hashes
            return
        digits, suffix = match.groups()
        if "." in digits or ("e" in digits and "x" not in digits):
            value = float(digits)
            texts = [f"{value + 1!r}{suffix}"] + ([f"{value / 2!r}{suffix}"] if value else [])
        else:
            value = int(digits, 16 if digits[1:2] in "xX" and len(digits) > 1 else 10)
            texts = [f"{value + 1}{suffix}"] + ([f"{value - 1}{suffix}"] if value else [])
        self.add("constant changed", i, texts)
