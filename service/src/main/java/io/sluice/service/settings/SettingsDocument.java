package io.sluice.service.settings;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A settings file together with the environment that overrides it. Read it section by section through {@link #root()}, then call {@link
 * #finish()}, which throws with everything that was wrong. Not thread-safe.
 */
public final class SettingsDocument {
    private final SettingsTree tree;
    private final @Nullable Path folder;
    private final Map<String, String> environment;
    private final String environmentPrefix;
    private final List<SettingProblem> problems = new ArrayList<>();
    private final Map<String, SettingsReader> readers = new LinkedHashMap<>();

    private SettingsDocument(
            SettingsTree tree, @Nullable Path folder, Map<String, String> environment, String environmentPrefix) {
        this.tree = tree;
        this.folder = folder;
        this.environment = Map.copyOf(environment);
        this.environmentPrefix = environmentPrefix;
    }

    /**
     * Reads {@code file}. A key {@code listener.port} may be overridden by the variable {@code <PREFIX>_LISTENER_PORT}. Blocks.
     *
     * @throws InvalidSettingsException when the file cannot be read or parsed, as nothing else can be said about it then
     */
    public static SettingsDocument read(Path file, Map<String, String> environment, String environmentPrefix) {
        return of(
                SettingsTree.parse(file.toString(), content(file)),
                file.toAbsolutePath().getParent(),
                environment,
                environmentPrefix);
    }

    /** Reads {@code text}, which messages call {@code name}. */
    public static SettingsDocument parse(
            String name, String text, Map<String, String> environment, String environmentPrefix) {
        return of(SettingsTree.parse(name, text), null, environment, environmentPrefix);
    }

    /**
     * Reads a document that is in memory already, which messages call {@code name}.
     *
     * @param folder where relative paths in it start; absent: the process' own
     */
    public static SettingsDocument of(
            String name, ObjectNode content, @Nullable Path folder, Map<String, String> environment, String prefix) {
        return of(SettingsTree.of(name, content), folder, environment, prefix);
    }

    /** No file at all: defaults and the environment only. */
    public static SettingsDocument empty(String name, Map<String, String> environment, String environmentPrefix) {
        return of(SettingsTree.empty(name), null, environment, environmentPrefix);
    }

    private static SettingsDocument of(
            SettingsTree tree, @Nullable Path folder, Map<String, String> environment, String environmentPrefix) {
        SettingsDocument document = new SettingsDocument(tree, folder, environment, environmentPrefix);
        boolean unparseable =
                tree.problems().stream().anyMatch(p -> p.expectation().startsWith("YAML or JSON"));
        if (unparseable) {
            throw new InvalidSettingsException(tree.problems());
        }
        return document;
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw unreadable(file, "an existing file");
        } catch (MalformedInputException e) {
            throw unreadable(file, "UTF-8 text");
        } catch (IOException e) {
            throw unreadable(file, "a readable file: " + e);
        }
    }

    private static InvalidSettingsException unreadable(Path file, String expectation) {
        return new InvalidSettingsException(List.of(new SettingProblem(file.toString(), "", null, expectation, null)));
    }

    /** The cursor on the whole document. */
    public SettingsReader root() {
        return reader("", tree.root());
    }

    /** Throws {@link InvalidSettingsException} if anything was wrong, unknown keys included. */
    public void finish() {
        List<SettingProblem> all = new ArrayList<>(tree.problems());
        all.addAll(problems);
        readers.values().forEach(reader -> all.addAll(reader.unknownKeys()));
        if (!all.isEmpty()) {
            throw new InvalidSettingsException(all);
        }
    }

    SettingsReader reader(String path, @Nullable Object node) {
        return readers.computeIfAbsent(path, p -> SettingsReader.on(this, p, node));
    }

    void problem(SettingProblem problem) {
        problems.add(problem);
    }

    String locate(String path) {
        return tree.locate(path);
    }

    /** The variable that overrides {@code path}. */
    String variable(String path) {
        return environmentPrefix + "_"
                + path.replaceAll("[^A-Za-z0-9]+", "_").replaceAll("_$", "").toUpperCase(Locale.ROOT);
    }

    @Nullable
    String environment(String variable) {
        return environment.get(variable);
    }

    /** Relative paths in a settings file start at the file's own folder. */
    Path resolve(String path) {
        return folder == null ? Path.of(path) : folder.resolve(path);
    }
}
