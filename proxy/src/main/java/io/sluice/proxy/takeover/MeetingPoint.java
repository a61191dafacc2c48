package io.sluice.proxy.takeover;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder in which the two processes find each other. Only its owner may enter, so that nobody else can take a proxy's place. Each process has sockets
 * with names of its own, since a socket's file is deleted when it closes; links say whose turn it is.
 *
 * @param self names this process
 */
public record MeetingPoint(Path folder, String self) {
    /** What fits into a {@code sockaddr_un} together with its end. */
    private static final int LONGEST_PATH = 107;

    private static final int NAME_LENGTH = 8;
    private static final String CONTROL = "control";
    private static final String SOCKETS = "sockets";

    /**
     * The meeting point of the proxy with that data folder.
     *
     * @param data the process that takes over has the same
     * @param bootId names this process
     */
    public static MeetingPoint in(Path data, String bootId) {
        return new MeetingPoint(
                data.toAbsolutePath().normalize().resolve("take-over"), "-" + bootId.substring(0, NAME_LENGTH));
    }

    /** Where whoever runs is asked. */
    Path control() {
        return folder.resolve(CONTROL);
    }

    /** Where whoever runs passes on its listening sockets. */
    Path sockets() {
        return folder.resolve(SOCKETS);
    }

    Path ownControl() {
        return folder.resolve(CONTROL + self);
    }

    Path ownSockets() {
        return folder.resolve(SOCKETS + self);
    }

    boolean fits() {
        return Stream.of(ownControl(), ownSockets())
                .allMatch(path -> path.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_PATH);
    }

    /** Makes it ready for the process that has the journal: nobody else can be there. Blocks. */
    Path prepare() throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        List<Path> left;
        try (Stream<Path> files = Files.list(folder)) {
            left = files.toList();
        }
        for (Path file : left) {
            Files.deleteIfExists(file);
        }
        return folder;
    }

    /** Shows the way to this process's sockets. Blocks. */
    Path publish() throws IOException {
        link(sockets(), ownSockets());
        return link(control(), ownControl());
    }

    private static Path link(Path from, Path to) throws IOException {
        Path fresh = to.resolveSibling(from.getFileName() + "-new");
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, to.getFileName());
        return Files.move(fresh, from, StandardCopyOption.ATOMIC_MOVE);
    }
}
