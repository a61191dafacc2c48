package io.sluice.assembly;

import io.sluice.service.json.Json;
import io.sluice.service.lifecycle.StartException;
import io.sluice.service.settings.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/** The folder in which everything that {@code sluice up} must remember lies. All methods block. */
public final class DataFolder {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_ONLY_FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final int TOKEN_BYTES = 32;

    private final Path root;

    public DataFolder(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    public Path root() {
        return root;
    }

    /** The folder of one part. */
    public Path part(String name) {
        return root.resolve(name);
    }

    /** The settings with which a part runs. */
    public Path settings(String part) {
        return root.resolve("run").resolve(part + ".yaml");
    }

    /** The process id of a part that runs as a child. */
    public Path pid(String part) {
        return root.resolve("run").resolve(part + ".pid");
    }

    public Path tokenFile() {
        return root.resolve("admin-token");
    }

    /** Makes the folder and, unless there is one, the token; only the owner can read either. */
    public void prepare() {
        try {
            if (!Files.isDirectory(root)) {
                Files.createDirectories(root, PosixFilePermissions.asFileAttribute(OWNER_ONLY_FOLDER));
            }
            Files.createDirectories(root.resolve("run"), PosixFilePermissions.asFileAttribute(OWNER_ONLY_FOLDER));
            createToken();
        } catch (IOException e) {
            throw new StartException("cannot use " + root + " as data folder: " + e + " (flag: --data)", e);
        }
    }

    /** The token of all admin APIs, if this folder has one. */
    public Optional<Secret> token() {
        try {
            return Optional.of(Secret.of(Files.readString(tokenFile()).strip()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(tokenFile() + " cannot be read", e);
        }
    }

    /** Where the parts listen, if something ran from this folder. */
    public Optional<Addresses> addresses() {
        try {
            return Optional.of(Json.read(Files.readAllBytes(root.resolve("addresses.json")), Addresses.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("addresses.json cannot be read", e);
        }
    }

    /** Replaces what {@link #addresses()} answers, at once or not at all. */
    public void write(Addresses addresses) {
        write(root.resolve("addresses.json"), Json.write(addresses) + "\n");
    }

    /** Replaces a file of this folder at once or not at all; only the owner can read it. */
    void write(Path file, String content) {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            Files.writeString(fresh, content);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }

    private void createToken() throws IOException {
        if (Files.exists(tokenFile())) {
            Files.setPosixFilePermissions(tokenFile(), OWNER_ONLY);
            return;
        }
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        write(tokenFile(), Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n");
    }
}
