package io.sluice.proxy.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;

/**
 * A file that was opened, as it was then.
 *
 * @param name of the file, for its type
 */
public record OpenFile(FileChannel channel, String name, long size, long modifiedMillis) implements AutoCloseable {
    private static final int MILLIS = 1000;

    /** Changes whenever time or size do. */
    public String etag() {
        return '"' + Long.toHexString(modifiedMillis) + '-' + Long.toHexString(size) + '"';
    }

    public String lastModified() {
        return HttpDate.format(modifiedSeconds());
    }

    long modifiedSeconds() {
        return Math.floorDiv(modifiedMillis, MILLIS);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
