package io.sluice.proxy.observe;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that is appended to, and opened anew when somebody asks for it, when the file was moved away, or when it has grown too large. The new
 * one is opened before the old one is let go, and when it cannot be, the old one is written on. Used by one thread.
 */
final class LogFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogFile.class);

    private final Path path;
    private final long maxBytes;
    private final int keep;
    private FileChannel channel;
    /** What tells the open file from another of its name (on Linux device and inode); absent where a file system has no such thing. */
    private @Nullable Object identity;

    private boolean troubled;

    /**
     * Opens it, at its end.
     *
     * @param maxBytes what it may hold before it is put aside; 0 for no limit
     * @param keep how many of those that were put aside are kept: {@code path.1}, the newest, up to {@code path.keep}
     */
    LogFile(Path path, long maxBytes, int keep) throws IOException {
        this.path = path;
        this.maxBytes = maxBytes;
        this.keep = keep;
        this.channel = open(path);
        this.identity = identity(path);
    }

    private static FileChannel open(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    private static @Nullable Object identity(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    /** Writes whole lines, in as many files as it takes; when that fails, those that remain in {@code lines} are written nowhere. */
    void append(ByteBuffer lines) throws IOException {
        while (lines.hasRemaining()) {
            follow(lines.remaining());
            write(lines, lines.position() + fitting(lines));
        }
    }

    private void write(ByteBuffer lines, int end) throws IOException {
        long before = channel.size();
        ByteBuffer part = lines.duplicate().limit(end);
        try {
            while (part.hasRemaining()) {
                channel.write(part);
            }
        } catch (IOException e) {
            channel.truncate(before); // half a line would spoil the next one as well
            throw e;
        }
        lines.position(end);
    }

    /** How many bytes of {@code lines} go into the file as it is now: as many lines as it has room for, and one at least. */
    private int fitting(ByteBuffer lines) throws IOException {
        int all = lines.remaining();
        if (maxBytes == 0 || all <= maxBytes || channel.size() > 0) {
            return all; // an old file that cannot be put aside takes what comes
        }
        int end = lines.position() + (int) maxBytes;
        while (end > lines.position() && lines.get(end - 1) != '\n') {
            end--;
        }
        if (end == lines.position()) {
            while (end < lines.limit() && lines.get(end++) != '\n') {
                // A line that is longer than a file may be gets one of its own.
            }
        }
        return end - lines.position();
    }

    /** Nothing is written any more to the file that was open before. */
    void reopen() throws IOException {
        FileChannel next = open(path);
        FileChannel old = channel;
        channel = next;
        try {
            identity = identity(path); // fails when it was moved again just now; then the next lines tell
        } finally {
            old.close();
        }
    }

    /** Goes to another file when it is time to; that this fails is no reason to lose lines. */
    private void follow(int more) {
        try {
            if (wasMoved()) {
                reopen();
            }
            long size = channel.size();
            if (maxBytes > 0 && size > 0 && size + more > maxBytes) {
                putAside();
                reopen();
            }
            troubled = false;
        } catch (IOException e) {
            if (!troubled) {
                LOG.warn("access log: {} cannot be opened anew, the old file is written on", path, e);
            }
            troubled = true;
        }
    }

    private boolean wasMoved() throws IOException {
        Object open = identity;
        try {
            return open != null && !open.equals(identity(path));
        } catch (NoSuchFileException e) {
            return true;
        }
    }

    private void putAside() throws IOException {
        for (int i = keep - 1; i >= 1; i--) {
            if (Files.exists(numbered(i))) {
                Files.move(numbered(i), numbered(i + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(path, numbered(1), StandardCopyOption.REPLACE_EXISTING);
    }

    private Path numbered(int number) {
        return path.resolveSibling(path.getFileName() + "." + number);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
