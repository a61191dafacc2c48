package io.sluice.nginx.syntax;

/**
 * Cuts a file into words, semicolons and braces, as nginx does: quotes count only at the start of a word, {@code #} too, and a backslash keeps the
 * next character in the word.
 */
final class Lexer {
    /** What was read. */
    enum Kind {
        WORD,
        SEMICOLON,
        OPEN,
        CLOSE,
        END
    }

    private static final int LONGEST_WORD = 64 * 1024;

    private final String file;
    private final String text;
    private int at;
    private int line = 1;
    private int wordLine;
    private String word = "";

    Lexer(String file, String text) {
        this.file = file;
        this.text = text;
    }

    /** Where the last token began. */
    Position position() {
        return new Position(file, wordLine);
    }

    /** The text of the last word. */
    String word() {
        return word;
    }

    Kind next() {
        skipBlanks();
        wordLine = line;
        if (at == text.length()) {
            return Kind.END;
        }
        switch (text.charAt(at)) {
            case ';' -> {
                at++;
                return Kind.SEMICOLON;
            }
            case '{' -> {
                at++;
                return Kind.OPEN;
            }
            case '}' -> {
                at++;
                return Kind.CLOSE;
            }
            case '"', '\'' -> word = quoted();
            default -> word = bare();
        }
        return Kind.WORD;
    }

    /** Skips to behind the brace that closes the one just read, whatever lies between: another language. */
    void skipForeignBlock() {
        int depth = 1;
        while (depth > 0) {
            char c = take("a closing brace");
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        }
    }

    private void skipBlanks() {
        boolean comment = false;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\n') {
                comment = false;
                line++;
            } else if (c == '#') {
                comment = true;
            } else if (!comment && !isBlank(c)) {
                return;
            }
            at++;
        }
    }

    private String quoted() {
        char quote = take("");
        StringBuilder out = new StringBuilder();
        while (true) {
            char c = take("a closing " + quote);
            if (c == quote) {
                break;
            }
            append(c, out);
        }
        if (at < text.length() && !isBlank(text.charAt(at)) && ";{)".indexOf(text.charAt(at)) < 0) {
            throw new ConfigurationException(position(), "unexpected " + text.charAt(at) + " after a closing quote");
        }
        return out.toString();
    }

    private String bare() {
        StringBuilder out = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at);
            boolean variable = c == '{' && out.length() > 0 && out.charAt(out.length() - 1) == '$';
            if (isBlank(c) || c == ';' || (c == '{' && !variable)) {
                break;
            }
            append(take(""), out);
        }
        return out.toString();
    }

    /** Only quotes, backslashes and a few letters lose the backslash before them; in a regular expression it stays. */
    private void append(char c, StringBuilder out) {
        if (out.length() > LONGEST_WORD) {
            throw new ConfigurationException(position(), "a word of more than " + LONGEST_WORD + " characters");
        }
        if (c != '\\') {
            out.append(c);
            return;
        }
        char next = take("a character after \\");
        switch (next) {
            case '"', '\'', '\\' -> out.append(next);
            case 't' -> out.append('\t');
            case 'r' -> out.append('\r');
            case 'n' -> out.append('\n');
            default -> out.append('\\').append(next);
        }
    }

    private char take(String expected) {
        if (at == text.length()) {
            throw new ConfigurationException(position(), "unexpected end of file (expected: " + expected + ")");
        }
        char c = text.charAt(at++);
        if (c == '\n') {
            line++;
        }
        return c;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }
}
