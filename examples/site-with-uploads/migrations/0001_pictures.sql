-- Pictures of up to 2 MB, which are their owners' alone: each in the folder that is named as its owner.

insert into storage.buckets (id, name, file_size_limit, allowed_mime_types)
values ('pictures', 'pictures', 2 * 1024 * 1024, array['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

create policy "owners add pictures" on storage.objects
  for insert to authenticated
  with check (bucket_id = 'pictures' and (storage.foldername(name))[1] = (select auth.uid())::text);

create policy "owners see their pictures" on storage.objects
  for select to authenticated
  using (bucket_id = 'pictures' and (storage.foldername(name))[1] = (select auth.uid())::text);
