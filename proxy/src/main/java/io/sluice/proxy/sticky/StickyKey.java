package io.sluice.proxy.sticky;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

/** The key that a proxy made for itself to sign cookies with; kept, so that a restart does not unbind every client. */
public final class StickyKey {
    private static final int BYTES = 32;

    private final byte[] bytes;

    private StickyKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Reads the key, or makes one that only its owner can read. Blocks.
     *
     * @throws UncheckedIOException when the file can neither be read nor written, or holds something else
     */
    public static StickyKey readOrCreate(Path file) {
        try {
            if (!Files.exists(file)) {
                create(file);
            }
            byte[] bytes = Files.readAllBytes(file);
            if (bytes.length != BYTES) {
                throw new IOException(file + " has " + bytes.length + " bytes (expected: " + BYTES
                        + "); remove it and every client is bound anew");
            }
            return new StickyKey(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Under another name first: a key that is half there would unbind everybody at the next start. */
    private static void create(Path file) throws IOException {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(fresh, bytes);
        try {
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            Files.deleteIfExists(fresh);
        }
    }

    byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public String toString() {
        return "***";
    }
}
