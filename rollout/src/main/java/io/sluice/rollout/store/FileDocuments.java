package io.sluice.rollout.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigHash;
import io.sluice.service.json.Json;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.NoSuchElementException;
import java.util.regex.Pattern;

/**
 * One file per document, {@code <hash>.json}. A new one is written beside its place, forced and renamed, and then its folder is forced, so
 * that a name stands for whole content or does not exist.
 */
public final class FileDocuments implements Documents {
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}");

    private final Path directory;
    private final WorkerExecutor files;

    /** @param files runs what blocks */
    public FileDocuments(Path directory, WorkerExecutor files) {
        this.directory = directory;
        this.files = files;
    }

    @Override
    public Future<Void> put(String hash, JsonNode document) {
        return files.executeBlocking(() -> {
            write(hash, document);
            return null;
        });
    }

    @Override
    public Future<JsonNode> get(String hash) {
        return files.executeBlocking(() -> read(hash));
    }

    private void write(String hash, JsonNode document) throws IOException {
        Path place = place(hash);
        if (Files.exists(place)) {
            return;
        }
        Files.createDirectories(directory);
        Path temporary = Files.createTempFile(directory, hash, ".tmp");
        try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(Json.writeBytes(document));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
        Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(directory, StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    private JsonNode read(String hash) throws IOException {
        Path place = place(hash);
        if (!Files.exists(place)) {
            throw new NoSuchElementException("no document " + hash);
        }
        JsonNode document = Json.mapper().readTree(place.toFile());
        if (!ConfigHash.of(document).equals(hash)) {
            throw new IOException(place + " does not have the content that its name stands for");
        }
        return document;
    }

    private Path place(String hash) {
        if (!NAME.matcher(hash).matches()) {
            throw new NoSuchElementException("no document " + hash);
        }
        return directory.resolve(hash + ".json");
    }
}
