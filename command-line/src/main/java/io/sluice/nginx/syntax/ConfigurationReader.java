package io.sluice.nginx.syntax;

import io.sluice.nginx.syntax.Lexer.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration with everything it includes. An include is replaced by the directives it names; one that names nothing stays, as a
 * directive. Blocks, directives, files and their sizes are limited, so that a file which includes itself, or is none at all, ends in an error.
 */
public final class ConfigurationReader {
    private static final int DEEPEST_BLOCK = 40;
    private static final int DEEPEST_INCLUDE = 20;
    private static final int MOST_FILES = 1_000;
    private static final int MOST_DIRECTIVES = 200_000;
    private static final int MOST_ARGUMENTS = 4_096;
    private static final long LARGEST_FILE = 8L << 20;

    private final IncludedFiles includes;
    private final Path folder;
    private int files;
    private int directives;

    private ConfigurationReader(Path main) {
        this.folder = IncludedFiles.folderOf(main);
        this.includes = new IncludedFiles(folder);
    }

    /**
     * Reads a file. Blocks.
     *
     * @throws ConfigurationException if it cannot
     */
    public static List<Directive> read(Path file) {
        return new ConfigurationReader(file).file(file, 0, null);
    }

    private List<Directive> file(Path file, int depth, @Nullable Position from) {
        String where = from == null ? "" : from + ": ";
        if (depth > DEEPEST_INCLUDE || ++files > MOST_FILES) {
            throw new ConfigurationException(where + "too many includes (expected: at most " + DEEPEST_INCLUDE
                    + " within one another, and " + MOST_FILES + " in all)");
        }
        Lexer lexer = new Lexer(shown(file), text(file, where));
        return block(lexer, file, depth, 0);
    }

    /** As people would call it from where the main file is. */
    private String shown(Path file) {
        Path whole = file.toAbsolutePath().normalize();
        Path shown = whole.startsWith(folder) ? folder.relativize(whole) : whole;
        return shown.toString().replaceAll("[^\\x20-\\x7e]", "?");
    }

    private static String text(Path file, String where) {
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw new ConfigurationException(where + file + ": larger than " + LARGEST_FILE + " bytes");
            }
            // What is not UTF-8 is replaced: nginx takes any octets, and they matter in few places.
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ConfigurationException(where + file + ": cannot be read (" + e + ")");
        }
    }

    private List<Directive> block(Lexer lexer, Path file, int includeDepth, int depth) {
        Position start = lexer.position();
        if (depth > DEEPEST_BLOCK) {
            throw new ConfigurationException(start, "more than " + DEEPEST_BLOCK + " blocks within one another");
        }
        List<Directive> read = new ArrayList<>();
        while (true) {
            Kind kind = lexer.next();
            Position position = lexer.position();
            if (kind == Kind.END || kind == Kind.CLOSE) {
                if ((kind == Kind.CLOSE) != (depth > 0)) {
                    String expected = depth > 0
                            ? "unexpected end of file: no } for the block of line " + start.line()
                            : "unexpected }";
                    throw new ConfigurationException(position, expected);
                }
                return read;
            }
            if (kind != Kind.WORD) {
                throw new ConfigurationException(position, "unexpected " + (kind == Kind.OPEN ? "{" : ";"));
            }
            add(directive(lexer, lexer.word(), position, file, includeDepth, depth), file, includeDepth, read);
        }
    }

    private Directive directive(Lexer lexer, String name, Position position, Path file, int includeDepth, int depth) {
        if (++directives > MOST_DIRECTIVES) {
            throw new ConfigurationException(position, "more than " + MOST_DIRECTIVES + " directives");
        }
        List<String> arguments = new ArrayList<>();
        Kind kind = lexer.next();
        while (kind == Kind.WORD) {
            arguments.add(lexer.word());
            if (arguments.size() > MOST_ARGUMENTS) {
                throw new ConfigurationException(position, "more than " + MOST_ARGUMENTS + " arguments");
            }
            kind = lexer.next();
        }
        return switch (kind) {
            case SEMICOLON -> new Directive(name, arguments, null, position);
            case OPEN -> new Directive(name, arguments, content(lexer, name, file, includeDepth, depth), position);
            default ->
                throw new ConfigurationException(
                        lexer.position(), "unexpected end of directive " + name + " (expected: ; or {)");
        };
    }

    private List<Directive> content(Lexer lexer, String name, Path file, int includeDepth, int depth) {
        if (name.endsWith("_by_lua_block")) {
            lexer.skipForeignBlock();
            return List.of();
        }
        return block(lexer, file, includeDepth, depth + 1);
    }

    private void add(Directive directive, Path file, int depth, List<Directive> to) {
        List<Path> named = directive.is("include") && directive.block() == null
                ? includes.named(directive.argument(0), file)
                : List.of();
        if (named.isEmpty()) {
            to.add(directive);
        }
        for (Path each : named) {
            to.addAll(file(each, depth + 1, directive.position()));
        }
    }
}
