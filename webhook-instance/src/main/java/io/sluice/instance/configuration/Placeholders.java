package io.sluice.instance.configuration;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills in what a document leaves open: {@code {$NAME}} and {@code {$NAME:default}} from the environment that was handed in, {@code
 * {$file:/path}} with the content of a file less its last line break. Reading files blocks.
 */
final class Placeholders {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\$([^:}]*)(?::([^}]*))?}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final int MAX_FILE_BYTES = 64 * 1024;

    private final Map<String, String> environment;

    Placeholders(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /** A placeholder that cannot be filled in; the message never tells a value. */
    static final class UnresolvedException extends Exception {
        UnresolvedException(String message) {
            super(message);
        }
    }

    static boolean isIn(String text) {
        return text.contains("{$");
    }

    String resolve(String text) throws UnresolvedException {
        if (!isIn(text)) {
            return text;
        }
        Matcher matcher = PLACEHOLDER.matcher(text);
        StringBuilder resolved = new StringBuilder();
        while (matcher.find()) {
            matcher.appendReplacement(resolved, Matcher.quoteReplacement(value(matcher)));
        }
        int rest = resolved.length();
        matcher.appendTail(resolved);
        if (resolved.indexOf("{$", rest) >= 0) {
            throw new UnresolvedException("\"{$\" without its \"}\"");
        }
        return resolved.toString();
    }

    private String value(Matcher matcher) throws UnresolvedException {
        String name = matcher.group(1);
        String rest = matcher.group(2);
        if (name.equals("file")) {
            return content(rest == null ? "" : rest);
        }
        if (name.equals("vault")) {
            throw new UnresolvedException(
                    "{$vault:…} is not available (expected: {$NAME}, {$NAME:default} or {$file:/path})");
        }
        if (!NAME.matcher(name).matches()) {
            throw new UnresolvedException("\"" + name + "\" is no name of an environment variable");
        }
        String value = environment.get(name);
        if (value != null) {
            return value;
        }
        if (rest == null) {
            throw new UnresolvedException("environment variable " + name + " is not set, and there is no default");
        }
        return rest;
    }

    private static String content(String file) throws UnresolvedException {
        try {
            Path path = Path.of(file);
            if (!path.isAbsolute()) {
                throw new UnresolvedException("file \"" + file + "\" (expected: an absolute path)");
            }
            // a pipe would block, and a device may never end
            if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) {
                throw new UnresolvedException("file " + file + " is not a regular file");
            }
            byte[] bytes = beginning(path);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new UnresolvedException("file " + file + " is longer than " + MAX_FILE_BYTES + " bytes");
            }
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return text.toString().replaceFirst("\\R\\z", "");
        } catch (IOException | InvalidPathException e) {
            throw new UnresolvedException(
                    "file " + file + " cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    /** One byte more than is allowed, at most: a file may grow while it is read. */
    private static byte[] beginning(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return in.readNBytes(MAX_FILE_BYTES + 1);
        }
    }
}
