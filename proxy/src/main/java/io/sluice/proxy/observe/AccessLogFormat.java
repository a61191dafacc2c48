package io.sluice.proxy.observe;

/** How a request becomes a line. */
public enum AccessLogFormat {
    /** An object with everything that is known, all attempts included. */
    JSON,
    /** The combined format of Apache httpd and nginx, for what reads that. */
    COMBINED;

    void write(AccessLogEntry entry, LogLines line) {
        switch (this) {
            case JSON -> JsonLine.write(entry, line);
            case COMBINED -> CombinedLine.write(entry, line);
        }
    }
}
