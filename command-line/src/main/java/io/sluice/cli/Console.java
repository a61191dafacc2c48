package io.sluice.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Where commands write.
 *
 * @param out answers
 * @param err what went wrong
 * @param live whether a person watches, so that lines may be drawn anew
 */
record Console(PrintStream out, PrintStream err, boolean live) {
    /** The process's own; UTF-8 whatever the locale, as the marks of {@code verify} are not ASCII. */
    static Console ofProcess(boolean terminal, Map<String, String> environment) {
        boolean live = terminal && !"dumb".equals(environment.get("TERM"));
        return new Console(utf8(FileDescriptor.out), utf8(FileDescriptor.err), live);
    }

    void println(String line) {
        out.println(line);
    }

    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }
}
