export function publisherOf(env: Readonly<Record<string, string | undefined>>): {
  readonly config: {
    readonly extraMetadata?: { readonly homepage?: string; readonly author?: { readonly name: string; readonly email: string } };
    readonly linux?: { readonly maintainer: string; readonly vendor: string };
  };
  readonly missing: string[];
};
