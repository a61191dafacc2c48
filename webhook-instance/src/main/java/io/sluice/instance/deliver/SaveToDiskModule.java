package io.sluice.instance.deliver;

import io.sluice.instance.configuration.ModuleSettings;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Writes the body to a file named by the event id. Delivered when file and folder entry are on disk: temporary file, force, rename, force of the
 * folder. An event that comes twice replaces its own file.
 */
final class SaveToDiskModule implements DeliveryModule<ModuleSettings.SaveToDisk> {
    private final Path root;
    private final WorkerExecutor worker;

    /** {@code root}: nothing is written outside this folder. */
    SaveToDiskModule(Path root, WorkerExecutor worker) {
        this.root = root;
        this.worker = worker;
    }

    @Override
    public Future<Outcome> deliver(Delivery delivery, ModuleSettings.SaveToDisk settings) {
        return worker.executeBlocking(() -> save(delivery, settings), false);
    }

    private Outcome save(Delivery delivery, ModuleSettings.SaveToDisk settings) throws IOException {
        Optional<Path> folder = folder(settings.path());
        if (folder.isEmpty()) {
            return new Outcome.Permanent("path leads out of the data root: " + settings.path());
        }
        write(folder.get(), delivery.event().eventId(), delivery.event().body().getBytes());
        return new Outcome.Delivered();
    }

    /** Creates the folder step by step, so that nothing is created behind a link that leads outside; empty when one does. */
    private Optional<Path> folder(String path) throws IOException {
        Files.createDirectories(root);
        Path realRoot = root.toRealPath();
        Path current = realRoot;
        Path target = realRoot.resolve(path).normalize();
        if (!target.startsWith(realRoot)) {
            return Optional.empty();
        }
        for (Path name : realRoot.relativize(target)) {
            Path next = current.resolve(name);
            if (!Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(next);
                force(current);
            }
            current = next.toRealPath();
            if (!current.startsWith(realRoot)) {
                return Optional.empty();
            }
        }
        return Optional.of(current);
    }

    private static void write(Path folder, String name, byte[] content) throws IOException {
        Path temporary = folder.resolve("." + name + ".tmp");
        // whatever stood there, a link perhaps, is not written through
        Files.deleteIfExists(temporary);
        try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                file.write(left);
            }
            file.force(true);
        }
        Files.move(
                temporary, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        force(folder);
    }

    /** A rename is durable when the folder is. */
    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
