package io.sluice.service.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a secret may come from, in order: environment, file named by the environment, settings file, file named by the settings file. */
final class SecretSource {
    private final SettingsDocument document;
    private final SettingsReader reader;

    SecretSource(SettingsDocument document, SettingsReader reader) {
        this.document = document;
        this.reader = reader;
    }

    Optional<Secret> read(String key, String variable) {
        // Compose files pass "" for a variable that is not set: that is no secret, not an empty one.
        Optional<String> inline = present(document.environment(variable));
        Optional<String> file = present(document.environment(variable + "_FILE"));
        if (inline.isPresent() && file.isPresent()) {
            problem("$" + variable, key, "only one of " + variable + " and " + variable + "_FILE");
            return Optional.empty();
        }
        if (inline.isPresent()) {
            return usable(inline.get(), "$" + variable, key);
        }
        if (file.isPresent()) {
            return fromFile(Path.of(file.get()), "$" + variable + "_FILE", key);
        }
        return fromSettings(key);
    }

    private Optional<Secret> fromSettings(String key) {
        Optional<String> inline = reader.fileText(key);
        Optional<String> file = reader.fileText(key + "-file");
        String source = document.locate(reader.path().isEmpty() ? key : reader.path() + "." + key);
        if (inline.isPresent() && file.isPresent()) {
            problem(source, key, "only one of " + key + " and " + key + "-file");
            return Optional.empty();
        }
        if (file.isPresent()) {
            return fromFile(document.resolve(file.get()), source, key + "-file");
        }
        return inline.flatMap(value -> usable(value, source, key));
    }

    private Optional<Secret> fromFile(Path file, String source, String key) {
        try {
            return usable(Files.readString(file).strip(), source + " → " + file, key);
        } catch (IOException e) {
            problem(source, key, "a readable file: " + e);
            return Optional.empty();
        }
    }

    private Optional<Secret> usable(String value, String source, String key) {
        boolean visible = !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c < 127);
        if (!visible) {
            problem(source, key, "a secret of visible ASCII characters, no spaces");
            return Optional.empty();
        }
        return Optional.of(Secret.of(value));
    }

    private void problem(String source, String key, String expectation) {
        String full = reader.path().isEmpty() ? key : reader.path() + "." + key;
        document.problem(new SettingProblem(source, full, null, expectation, null));
    }

    private static Optional<String> present(@Nullable String value) {
        return Optional.ofNullable(value).filter(v -> !v.isBlank());
    }
}
