/**
 * What an instance does with webhooks, as immutable values, and how that is read, checked, stored and replaced. {@link
 * io.sluice.instance.configuration.CurrentConfiguration} is the one reference to what runs now; a request reads it once and keeps what
 * it got to its end. Nothing here knows of HTTP.
 */
@NullMarked
package io.sluice.instance.configuration;

import org.jspecify.annotations.NullMarked;
