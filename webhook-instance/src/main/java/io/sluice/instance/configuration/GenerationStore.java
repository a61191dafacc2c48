package io.sluice.instance.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the last {@value #KEPT} configurations in one folder: {@code gen-N.json} each, and {@code current} with the number of the one that
 * runs. Each file is written beside, forced, renamed, and the folder forced, first the generation and then the pointer to it, so that
 * whatever moment the machine dies at, {@code current} names a whole file. A file carries its own hash; one that does not match counts
 * as damaged. Blocks; used by one thread.
 */
public final class GenerationStore {
    private static final Logger LOG = LoggerFactory.getLogger(GenerationStore.class);
    private static final int KEPT = 10;
    private static final Pattern NAME = Pattern.compile("gen-(\\d{1,18})\\.json");
    private static final String CURRENT = "current";

    private final Path directory;

    /** A store in this folder, which is made if it is not there. */
    public GenerationStore(Path directory) {
        this.directory = directory;
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("folder for configurations: " + directory, e);
        }
    }

    /** A generation that cannot be read back. */
    static final class DamagedException extends Exception {
        DamagedException(String message) {
            super(message);
        }
    }

    /** Makes it the current one, on disk. After a failure it is not, as far as the disk can still be made to say so. */
    void save(StoredGeneration generation) throws IOException {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("generation", generation.generation());
        json.put("hash", generation.documents().hash());
        json.put("source", generation.origin().source().name().toLowerCase(Locale.ROOT));
        json.put("since", generation.origin().since().toString());
        json.set("webhooks", generation.documents().webhooks());
        json.set("connections", generation.documents().connections());
        OptionalLong before = current();
        try {
            write(fileOf(generation.generation()), json.toString());
            write(CURRENT, generation.generation() + "\n");
        } catch (IOException | UncheckedIOException e) {
            takeBack(generation.generation(), before);
            throw e;
        }
        prune(generation.generation());
    }

    /** What was refused must not run after a restart: the pointer may have been renamed and only its force failed. */
    private void takeBack(long refused, OptionalLong before) {
        try {
            if (before.isEmpty()) {
                Files.deleteIfExists(directory.resolve(CURRENT));
            } else if (!current().equals(before)) {
                write(CURRENT, before.getAsLong() + "\n");
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.error("The pointer to the current configuration cannot be set back to {}", before, e);
        }
        try {
            // so that a pointer that still names it leads to the one before
            Files.deleteIfExists(directory.resolve(fileOf(refused)));
        } catch (IOException | UncheckedIOException e) {
            LOG.error("Configuration {}, which was refused, cannot be deleted", refused, e);
        }
    }

    private static String fileOf(long number) {
        return "gen-" + number + ".json";
    }

    /** Number of the generation that {@code current} names; empty when it is missing or unreadable. */
    OptionalLong current() {
        try {
            String text = Files.readString(directory.resolve(CURRENT)).strip();
            return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Whether nothing was ever made current here; a first generation may be left of a start that was cut off. */
    boolean isEmpty() {
        return !Files.exists(directory.resolve(CURRENT))
                && generations().stream().allMatch(number -> number == 1);
    }

    /** Numbers of the generations whose files are there, newest first. */
    List<Long> generations() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> NAME.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(matcher -> Long.valueOf(matcher.group(1)))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("folder for configurations: " + directory, e);
        }
    }

    StoredGeneration load(long number) throws DamagedException {
        String name = fileOf(number);
        try {
            byte[] bytes = Files.readAllBytes(directory.resolve(name));
            return decode(StrictJson.parse(bytes, name), number);
        } catch (NoSuchFileException e) {
            throw new DamagedException(name + " is missing");
        } catch (IOException | DateTimeException | IllegalArgumentException e) {
            throw new DamagedException(name + " cannot be read: " + e);
        }
    }

    private static StoredGeneration decode(StrictJson.Parsed parsed, long number) throws DamagedException {
        JsonNode json = parsed.document();
        if (json == null || !parsed.problems().isEmpty()) {
            throw new DamagedException("gen-" + number + ".json is no JSON");
        }
        if (!json.path("webhooks").isObject() || !json.path("connections").isObject()) {
            throw new DamagedException("gen-" + number + ".json has no documents");
        }
        DocumentPair documents = new DocumentPair(json.get("webhooks"), json.get("connections"));
        if (!documents.hash().equals(json.path("hash").asText())
                || json.path("generation").asLong() != number) {
            throw new DamagedException("gen-" + number + ".json does not match its own hash");
        }
        Origin.Source source =
                Origin.Source.valueOf(json.path("source").asText().toUpperCase(Locale.ROOT));
        Origin origin = new Origin(source, Instant.parse(json.path("since").asText()));
        return new StoredGeneration(number, origin, documents);
    }

    private void write(String name, String content) throws IOException {
        Path temporary = directory.resolve(name + ".tmp");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(temporary, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel folder = FileChannel.open(directory, StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    /** The new one is current by now: files that stay are no reason to refuse it. */
    private void prune(long newest) {
        try {
            generations().stream().filter(number -> number <= newest).skip(KEPT).forEach(this::delete);
        } catch (UncheckedIOException e) {
            LOG.warn("Old configurations cannot be deleted", e);
        }
    }

    private void delete(long number) {
        try {
            Files.deleteIfExists(directory.resolve(fileOf(number)));
        } catch (IOException e) {
            LOG.warn("Old configuration {} cannot be deleted", number, e);
        }
    }
}
