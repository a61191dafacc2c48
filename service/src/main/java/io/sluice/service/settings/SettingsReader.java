package io.sluice.service.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A cursor on one section of a {@link SettingsDocument}. Each method asks for one key and so makes it a known one. A value that is wrong
 * is noted as a problem and answered with the default, so that reading goes on and {@link SettingsDocument#finish()} can name them all.
 */
public final class SettingsReader {
    private static final int LONGEST_SHOWN_VALUE = 60;

    private final SettingsDocument document;
    private final String path;
    private final JsonNode node;
    private final Set<String> known = new LinkedHashSet<>();
    private final EffectiveSettings effective = new EffectiveSettings();

    private SettingsReader(SettingsDocument document, String path, JsonNode node) {
        this.document = document;
        this.path = path;
        this.node = node;
    }

    static SettingsReader on(SettingsDocument document, String path, @Nullable Object node) {
        JsonNode tree = node instanceof JsonNode json && !json.isNull() ? json : MissingNode.getInstance();
        SettingsReader reader = new SettingsReader(document, path, tree);
        if (!tree.isMissingNode() && !tree.isObject()) {
            document.problem(new SettingProblem(document.locate(path), path, show(tree), "a section with keys", null));
        }
        return reader;
    }

    /** Dotted path of this section; empty for the root. */
    public String path() {
        return path;
    }

    /** Whether the file or the environment gives {@code key}. */
    public boolean has(String key) {
        known.add(key);
        return given(key).isPresent();
    }

    /** Whether the file has a section at {@code key}, which may also be a single value. */
    public boolean isSection(String key) {
        known.add(key);
        return node.path(key).isObject();
    }

    /** The text at {@code key}. Numbers and booleans have to be quoted to count as text. */
    public String text(String key, String defaultValue) {
        return optionalText(key).orElse(defaultValue);
    }

    /** The text at {@code key}, which has to be given and not blank; an empty text (and a problem) when it is not. */
    public String requiredText(String key) {
        Optional<String> text = optionalText(key).filter(t -> !t.isBlank());
        if (text.isEmpty() && given(key).map(Given::isText).orElse(true)) {
            problem(key, null, "a text: this key is required");
        }
        return text.orElse("");
    }

    /** The text at {@code key}, if given. */
    public Optional<String> optionalText(String key) {
        return read(key, "text (in quotes)", value -> Optional.ofNullable(value.text()));
    }

    /** A whole number within {@code min} and {@code max}, both included. */
    public int integer(String key, int defaultValue, int min, int max) {
        return Math.toIntExact(wholeNumber(key, defaultValue, min, max));
    }

    /** A whole number within {@code min} and {@code max}, both included. */
    public long wholeNumber(String key, long defaultValue, long min, long max) {
        String expectation = min + ".." + max;
        return read(key, expectation, value -> value.wholeNumber().filter(n -> n >= min && n <= max))
                .orElse(defaultValue);
    }

    /** A number, with or without a fraction, within {@code min} and {@code max}, both included. */
    public double number(String key, double defaultValue, double min, double max) {
        String expectation = min + ".." + max;
        return read(key, expectation, value -> value.number().filter(n -> n >= min && n <= max))
                .orElse(defaultValue);
    }

    /** A duration (see {@link DurationFormat}) of at least {@code min}. */
    public Duration duration(String key, Duration defaultValue, Duration min) {
        return optionalDuration(key, min).orElse(defaultValue);
    }

    /** A duration of at least {@code min}, if given. */
    public Optional<Duration> optionalDuration(String key, Duration min) {
        Function<Given, Optional<Duration>> parse =
                value -> Optional.ofNullable(value.text()).flatMap(DurationFormat::parse);
        Optional<Duration> duration = read(key, DurationFormat.EXPECTATION, parse);
        if (duration.isPresent() && duration.get().compareTo(min) < 0) {
            problem(key, DurationFormat.format(duration.get()), ">= " + DurationFormat.format(min));
            return Optional.empty();
        }
        return duration;
    }

    /** A size in bytes (see {@link ByteSizeFormat}) of at least {@code min}. */
    public long bytes(String key, long defaultValue, long min) {
        Optional<Long> size = read(key, ByteSizeFormat.EXPECTATION, Given::bytes);
        if (size.isPresent() && size.get() < min) {
            problem(key, ByteSizeFormat.format(size.get()), ">= " + ByteSizeFormat.format(min));
            return defaultValue;
        }
        return size.orElse(defaultValue);
    }

    /** {@code true} or {@code false}. */
    public boolean flag(String key, boolean defaultValue) {
        return read(key, "true or false", Given::flag).orElse(defaultValue);
    }

    /** One of the enum's constants, written lower-case-with-dashes. */
    public <E extends Enum<E>> E choice(String key, Class<E> type, E defaultValue) {
        Map<String, E> names = Arrays.stream(type.getEnumConstants())
                .collect(Collectors.toMap(SettingsReader::choiceName, c -> c, (a, b) -> a, LinkedHashMap::new));
        String expectation = String.join(" | ", names.keySet());
        return read(key, expectation, value -> Optional.ofNullable(value.text()).map(names::get))
                .orElse(defaultValue);
    }

    /** A path; a relative one in the file starts at the file's own folder. */
    public Optional<Path> filePath(String key) {
        return optionalText(key).map(document::resolve);
    }

    /**
     * A secret: the variable {@code environmentName}, the file named by the variable {@code <environmentName>_FILE}, the key itself, or the
     * file named by {@code <key>-file}; the environment wins. Its value never shows up in a problem. Blocks when it has to read a file.
     */
    public Optional<Secret> secret(String key, String environmentName) {
        known.add(key);
        known.add(key + "-file");
        return new SecretSource(document, this).read(key, environmentName);
    }

    /** The section at {@code key}; one without any value when it is missing, so that defaults and the environment still apply. */
    public SettingsReader section(String key) {
        known.add(key);
        SettingsReader section = document.reader(join(key), node.get(key));
        effective.section(key, section);
        return section;
    }

    /** One cursor per element of the list at {@code key}; none when it is missing. */
    public List<SettingsReader> items(String key) {
        List<SettingsReader> readers = new ArrayList<>();
        JsonNode list = list(key);
        for (int i = 0; i < list.size(); i++) {
            readers.add(document.reader(join(key) + "[" + i + "]", list.get(i)));
        }
        effective.items(key, readers);
        return readers;
    }

    /** One cursor per named entry of the section at {@code key}, in the order of the file. */
    public Map<String, SettingsReader> entries(String key) {
        SettingsReader section = section(key);
        Map<String, SettingsReader> readers = new LinkedHashMap<>();
        section.node.fieldNames().forEachRemaining(name -> readers.put(name, section.section(name)));
        return readers;
    }

    /** The texts under {@code key} by name, in the order of the file; names are free. */
    public Map<String, String> namedTexts(String key) {
        SettingsReader section = section(key);
        Map<String, String> texts = new LinkedHashMap<>();
        section.node
                .fieldNames()
                .forEachRemaining(name -> section.optionalText(name).ifPresent(text -> texts.put(name, text)));
        return texts;
    }

    /** The texts at {@code key}: a list in the file, comma-separated in the environment; none when it is missing. */
    public List<String> texts(String key) {
        known.add(key);
        String variable = document.variable(join(key));
        String override = document.environment(variable);
        if (override != null) {
            List<String> given = Arrays.stream(override.split(",", -1))
                    .map(String::strip)
                    .filter(t -> !t.isEmpty())
                    .toList();
            effective.override(key, given);
            return given;
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : list(key)) {
            if (element.isTextual()) {
                texts.add(element.textValue());
            } else {
                problem(key + "[" + texts.size() + "]", show(element), "text (in quotes)");
            }
        }
        return texts;
    }

    /** Notes that {@code key} of this section has a value that cannot be used. Not for secrets. */
    public void problem(String key, @Nullable Object value, String expectation) {
        String full = join(key);
        String variable = document.variable(full);
        String source = document.environment(variable) == null ? document.locate(full) : "$" + variable;
        document.problem(
                new SettingProblem(source, full, value == null ? null : cut(value.toString()), expectation, null));
    }

    /**
     * This section as it was read so far: what the file says, with what the environment says instead. Secrets that the environment gives are
     * not in it, those in the file are.
     */
    public ObjectNode effective() {
        return effective.of(node);
    }

    List<SettingProblem> unknownKeys() {
        if (!node.isObject()) {
            return List.of();
        }
        return StreamSupport.stream(((Iterable<String>) node::fieldNames).spliterator(), false)
                .filter(key -> !known.contains(key))
                .map(key -> new SettingProblem(
                        document.locate(join(key)),
                        join(key),
                        null,
                        known.isEmpty() ? "no such key" : "one of " + String.join(", ", known),
                        NearestName.of(key, known).orElse(null)))
                .toList();
    }

    Optional<String> fileText(String key) {
        JsonNode value = node.get(key);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value.asText());
    }

    private JsonNode list(String key) {
        known.add(key);
        JsonNode list = node.get(key);
        if (list == null || list.isNull()) {
            return MissingNode.getInstance();
        }
        if (!list.isArray()) {
            problem(key, show(list), "a list");
            return MissingNode.getInstance();
        }
        return list;
    }

    private <T> Optional<T> read(String key, String expectation, Function<Given, Optional<T>> parse) {
        known.add(key);
        Optional<Given> given = given(key);
        Optional<T> value = given.flatMap(parse);
        if (given.isPresent() && value.isEmpty()) {
            problem(key, given.get().show(), expectation);
        }
        String override = given.map(Given::override).orElse(null);
        if (override != null) {
            value.ifPresent(read -> effective.override(key, read, override));
        }
        return value;
    }

    private Optional<Given> given(String key) {
        String override = document.environment(document.variable(join(key)));
        if (override != null) {
            return Optional.of(new Given(null, override));
        }
        JsonNode value = node.get(key);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(new Given(value, null));
    }

    private String join(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static String choiceName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String show(JsonNode value) {
        return value.isTextual() ? value.textValue() : value.toString();
    }

    private static String cut(String value) {
        String line = value.replaceAll("\\s+", " ");
        return line.length() <= LONGEST_SHOWN_VALUE ? line : line.substring(0, LONGEST_SHOWN_VALUE) + "…";
    }

    /** A value as given: a node of the file, or the text of a variable, which has no types. */
    private record Given(@Nullable JsonNode node, @Nullable String override) {
        boolean isText() {
            return node == null || node.isTextual();
        }

        @Nullable
        String text() {
            return node == null ? override : node.textValue();
        }

        Optional<Long> wholeNumber() {
            if (node != null) {
                return node.isIntegralNumber() && node.canConvertToLong()
                        ? Optional.of(node.longValue())
                        : Optional.empty();
            }
            return parsed(Long::valueOf);
        }

        Optional<Double> number() {
            if (node != null) {
                return node.isNumber() ? Optional.of(node.doubleValue()) : Optional.empty();
            }
            return parsed(Double::valueOf);
        }

        Optional<Long> bytes() {
            String text = text();
            if (text == null) {
                return wholeNumber();
            }
            OptionalLong size = ByteSizeFormat.parse(text);
            return size.isPresent() ? Optional.of(size.getAsLong()) : Optional.empty();
        }

        Optional<Boolean> flag() {
            if (node != null) {
                return node.isBoolean() ? Optional.of(node.booleanValue()) : Optional.empty();
            }
            return "true".equals(override) || "false".equals(override)
                    ? Optional.of("true".equals(override))
                    : Optional.empty();
        }

        String show() {
            return node == null ? String.valueOf(override) : SettingsReader.show(node);
        }

        private <T> Optional<T> parsed(Function<String, T> parse) {
            try {
                return override == null ? Optional.empty() : Optional.of(parse.apply(override.strip()));
            } catch (NumberFormatException notANumber) {
                return Optional.empty();
            }
        }
    }
}
