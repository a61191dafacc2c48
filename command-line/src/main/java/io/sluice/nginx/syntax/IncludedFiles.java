package io.sluice.nginx.syntax;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * Finds the files that an include names. A relative name starts at the main file's folder, as with nginx; where nothing is there, at the folder of
 * the file that includes, and at the one above the main file's, since a single site may be imported without what includes it.
 */
final class IncludedFiles {
    private final Path main;

    IncludedFiles(Path main) {
        this.main = main;
    }

    static Path folderOf(Path file) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        return folder == null ? Path.of("/") : folder;
    }

    /** In the order in which nginx reads them; none when nothing has such a name. */
    List<Path> named(String pattern, Path from) {
        if (pattern.isEmpty() || pattern.indexOf('\0') >= 0) {
            return List.of();
        }
        Path above = main.getParent() == null ? main : main.getParent();
        for (Path folder : List.of(main, folderOf(from), above)) {
            List<Path> found = matching(pattern.startsWith("/") ? Path.of("/") : folder, pattern);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    private static List<Path> matching(Path start, String pattern) {
        List<Path> found = List.of(start);
        for (String segment : pattern.split("/", -1)) {
            if (!segment.isEmpty()) {
                found = found.stream()
                        .flatMap(each -> entries(each, segment).stream())
                        .toList();
            }
        }
        return found.stream().filter(Files::isRegularFile).toList();
    }

    private static List<Path> entries(Path folder, String segment) {
        try {
            return segment.matches(".*[*?\\[].*") ? globbed(folder, segment) : List.of(folder.resolve(segment));
        } catch (IOException | InvalidPathException | PatternSyntaxException nothingThere) {
            return List.of();
        }
    }

    private static List<Path> globbed(Path folder, String segment) throws IOException {
        PathMatcher matcher =
                FileSystems.getDefault().getPathMatcher("glob:" + segment.replaceAll("([{}\\\\])", "\\\\$1"));
        List<Path> found = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return found;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            entries.filter(entry -> matcher.matches(entry.getFileName()))
                    .filter(entry -> segment.startsWith(".")
                            || !entry.getFileName().toString().startsWith("."))
                    .sorted()
                    .forEach(found::add);
        }
        return found;
    }
}
